"""Every word of a span: names, attribute keys, fixed values. Nothing else spells them, and this file does nothing.

Pinned to the GenAI conventions of OpenTelemetry 1.41.1, the last tagged release that has them:
https://github.com/open-telemetry/semantic-conventions/tree/v1.41.1/docs/gen-ai. The opentelemetry-semantic-conventions
wheel lacks the newer keys, so all of them stand here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CONVENTIONS: Final = "1.41.1"
SCHEMA_URL: Final = f"https://opentelemetry.io/schemas/{CONVENTIONS}"
SCOPE: Final = "hexr-autoinst"

# Spans of hexr, by the kind of a model call.
LLM_SPANS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chat": "hexr.llm.chat",
        "completion": "hexr.llm.completion",
        "embeddings": "hexr.llm.embeddings",
        "image": "hexr.llm.image",
        "audio": "hexr.llm.audio",
        "moderation": "hexr.llm.moderation",
        "rerank": "hexr.llm.rerank",
    }
)
AGENT_INVOKE: Final = "hexr.agent.invoke"
# Of agent protocols: a gateway's call has a name of its own, everything else that of its method or operation.
GATEWAY_CALL: Final = "hexr.gateway.call"
MCP_SPAN: Final = "hexr.mcp.{}"
A2A_CLIENT: Final = "hexr.a2a.client.{}"
A2A_BRIDGE: Final = "hexr.a2a.bridge.{}"
A2A_EXECUTE: Final = "execute"  # what a bridge does with what a client sends

# The convention's operation.
OPERATION_NAME: Final = "gen_ai.operation.name"
INVOKE_AGENT: Final = "invoke_agent"
PROVIDER_NAME: Final = "gen_ai.provider.name"
SYSTEM: Final = "gen_ai.system"
AGENT_NAME: Final = "gen_ai.agent.name"
EXECUTE_TOOL: Final = "execute_tool"
TOOL_NAME: Final = "gen_ai.tool.name"
PROMPT_NAME: Final = "gen_ai.prompt.name"
TOOL_CALL_ID: Final = "gen_ai.tool.call.id"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_RESULT: Final = "gen_ai.tool.call.result"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
OUTPUT_TYPE: Final = "gen_ai.output.type"

REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_STREAM: Final = "gen_ai.request.stream"
REQUEST_MAX_TOKENS: Final = "gen_ai.request.max_tokens"
REQUEST_TEMPERATURE: Final = "gen_ai.request.temperature"
REQUEST_TOP_P: Final = "gen_ai.request.top_p"
REQUEST_TOP_K: Final = "gen_ai.request.top_k"
REQUEST_FREQUENCY_PENALTY: Final = "gen_ai.request.frequency_penalty"
REQUEST_PRESENCE_PENALTY: Final = "gen_ai.request.presence_penalty"
REQUEST_STOP_SEQUENCES: Final = "gen_ai.request.stop_sequences"
REQUEST_SEED: Final = "gen_ai.request.seed"
REQUEST_CHOICE_COUNT: Final = "gen_ai.request.choice.count"

RESPONSE_ID: Final = "gen_ai.response.id"
RESPONSE_MODEL: Final = "gen_ai.response.model"
RESPONSE_FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
RESPONSE_TIME_TO_FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"

USAGE_INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
USAGE_OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
USAGE_CACHE_READ: Final = "gen_ai.usage.cache_read.input_tokens"
USAGE_CACHE_CREATION: Final = "gen_ai.usage.cache_creation.input_tokens"
USAGE_REASONING: Final = "gen_ai.usage.reasoning.output_tokens"

INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
SYSTEM_INSTRUCTIONS: Final = "gen_ai.system_instructions"
TOOL_DEFINITIONS: Final = "gen_ai.tool.definitions"

# Of other conventions.
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
CLIENT_ADDRESS: Final = "client.address"
CLIENT_PORT: Final = "client.port"
NETWORK_TRANSPORT: Final = "network.transport"
NETWORK_PROTOCOL: Final = "network.protocol.name"
NETWORK_VERSION: Final = "network.protocol.version"
STATUS_CODE: Final = "http.response.status_code"
RESEND_COUNT: Final = "http.request.resend_count"
ERROR_TYPE: Final = "error.type"
PROCESS_EXIT_CODE: Final = "process.exit.code"

# Of agent protocols: the contract's words, the convention's of MCP, the proposed ones of A2A
# (https://github.com/open-telemetry/semantic-conventions-genai/pull/195), ours.
GATEWAY_TOOL: Final = "tool_name"
GATEWAY_ARGUMENTS: Final = "arguments"
TARGET_AGENT: Final = "target_agent"
SOURCE_AGENT: Final = "source_agent"
TASK_STATE: Final = "task_state"
MCP_METHOD: Final = "mcp.method.name"
JSONRPC_ID: Final = "jsonrpc.request.id"
A2A_METHOD: Final = "a2a.method.name"
RPC_STATUS: Final = "rpc.response.status_code"
MCP_VERSION: Final = "mcp.protocol.version"
TALK_ARGUMENTS: Final = "hexr.call.arguments"
TALK_RESULT: Final = "hexr.call.result"
JOIN_KEY: Final = "hexr.join.key"
# What a dissector of an agent protocol says: its neutral name → the keys. A fact that is content is given
# only while content may be kept.
AGENT_FACTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "operation": (OPERATION_NAME,),
        "request.id": (JSONRPC_ID,),
        "rpc.status": (RPC_STATUS,),
        "transport": (NETWORK_TRANSPORT,),
        "protocol.name": (NETWORK_PROTOCOL,),
        "protocol.version": (NETWORK_VERSION,),
        "mcp.method": (MCP_METHOD,),
        "mcp.session": ("mcp.session.id",),
        "mcp.version": (MCP_VERSION,),
        "mcp.transport": ("hexr.mcp.transport",),  # streamable_http, http_sse, stdio
        "mcp.client": ("hexr.mcp.client.name",),
        "mcp.client.version": ("hexr.mcp.client.version",),
        "mcp.server": ("hexr.mcp.server.name",),
        "mcp.server.version": ("hexr.mcp.server.version",),
        "mcp.result_type": ("hexr.mcp.result_type",),
        "mcp.input_requests": ("hexr.mcp.input_requests",),
        # the request whose answer has asked for what this one brings
        "mcp.continues": ("hexr.mcp.continues",),
        "mcp.progress": ("hexr.mcp.progress",),
        "mcp.progress.total": ("hexr.mcp.progress.total",),
        "mcp.log.level": ("hexr.mcp.log.level",),
        "mcp.log.logger": ("hexr.mcp.log.logger",),
        "mcp.text": ("hexr.mcp.text",),
        "tool": (GATEWAY_TOOL, TOOL_NAME),
        "tool.argument_keys": (GATEWAY_ARGUMENTS,),
        "prompt": (PROMPT_NAME,),
        "resource": ("mcp.resource.uri",),
        "agent.name": (AGENT_NAME,),
        "agent.version": ("gen_ai.agent.version",),
        "a2a.method": (A2A_METHOD,),
        "a2a.said": ("hexr.a2a.method",),  # as the wire spells it
        "a2a.binding": ("hexr.a2a.binding",),  # jsonrpc, http+json, grpc
        "a2a.endpoint": ("hexr.a2a.endpoint",),  # where the agent is served: host, port, path
        "a2a.version": ("a2a.protocol.version",),
        "a2a.extensions": ("hexr.a2a.extensions",),
        "a2a.events": ("hexr.a2a.events",),
        "a2a.message": ("a2a.message.id",),
        "a2a.task": ("task_id", "a2a.task.id"),
        "a2a.state": (TASK_STATE,),
        "a2a.state.enum": ("a2a.task.state",),
        "a2a.references": ("a2a.message.reference_task_ids",),
        "a2a.tenant": ("a2a.tenant",),
        "a2a.source": ("hexr.a2a.stated_source",),  # who a caller says that it is, which is no more than that
    }
)

# A vendor's facts: the neutral name that a dissector gives → the key.
EXTRAS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "openai.api_type": "openai.api.type",
        "openai.request_tier": "openai.request.service_tier",
        "openai.response_tier": "openai.response.service_tier",
        "openai.fingerprint": "openai.response.system_fingerprint",
        "previous_response": "hexr.llm.previous_response.id",
        "prompt.id": "hexr.llm.prompt.id",  # [P] gen_ai.prompt.name, .version: proposed, so not emitted
        "prompt.version": "hexr.llm.prompt.version",
        "azure.namespace": "azure.resource_provider.namespace",
        "embeddings.dimensions": "gen_ai.embeddings.dimension.count",
        "embeddings.formats": "gen_ai.request.encoding_formats",
        "agent.id": "gen_ai.agent.id",
        "data_source": "gen_ai.data_source.id",
        "aws.guardrail": "aws.bedrock.guardrail.id",
        "aws.knowledge_base": "aws.bedrock.knowledge_base.id",
        "upstream": "hexr.llm.upstream_provider",  # whom a router says it has asked
        "inputs": "hexr.llm.inputs",  # texts of an embedding, documents of a rerank
        "images": "hexr.llm.images",
        "audio.seconds": "hexr.llm.audio.seconds",
        "characters": "hexr.llm.characters",
        "units": "hexr.llm.billed_units",  # what is billed where it is not tokens
        "documents": "hexr.llm.documents",  # given to cite from, or to be read
        "pages": "hexr.llm.pages",
        "connector.tokens": "hexr.llm.usage.connector_tokens",  # of tools that the vendor runs
        "rerank.kept": "hexr.llm.rerank.top_n",
        "cost": "hexr.llm.stated_cost_usd",  # what the answer itself says that it has cost
        "request_tier": "hexr.llm.request.service_tier",  # of others than OpenAI, whose key is its own
        "response_tier": "hexr.llm.response.service_tier",
        "cache_write.hour": "hexr.llm.cache_write_1h_tokens",  # of those written, what is kept for an hour
        "prediction.accepted": "hexr.llm.prediction.accepted_tokens",
        "prediction.rejected": "hexr.llm.prediction.rejected_tokens",
        "server.web_search_requests": "hexr.llm.server_tool.web_search_requests",
        "server.web_fetch_requests": "hexr.llm.server_tool.web_fetch_requests",
        "moderation.flagged": "hexr.llm.moderation.flagged",
        "moderation.categories": "hexr.llm.moderation.categories",
        "ratelimit.requests": "hexr.llm.ratelimit.remaining_requests",
        "ratelimit.tokens": "hexr.llm.ratelimit.remaining_tokens",
    }
)
GUARD_OUTPUT_BLOCKED: Final = "hexr.guard.output_blocked"
GUARD_OUTPUT_SCANNERS: Final = "hexr.guard.output_scanners"
GUARD_PROMPT_BLOCKED: Final = "hexr.guard.prompt_blocked"
GUARD_SCANNERS: Final = "hexr.guard.scanners"

# Ours, on every span.
CAPTURE_SOURCE: Final = "hexr.capture.source"
CAPTURE_SEEN_BY: Final = "hexr.capture.seen_by"
CAPTURE_COMPLETE: Final = "hexr.capture.complete"
CAPTURE_MISSING: Final = "hexr.capture.missing"
EXCHANGE_ID: Final = "hexr.exchange.id"
INFERRED: Final = "hexr.inferred"

# Ours, on model spans.
TOOL_CALL_NAMES: Final = "hexr.llm.tool_call.names"
TOOL_CALL_IDS: Final = "hexr.llm.tool_call.ids"
TOOL_RESULT_IDS: Final = "hexr.llm.tool_result.ids"
TOOL_DEFINITION_NAMES: Final = "hexr.llm.tool_definition.names"
COST: Final = "hexr.llm.cost_usd"
FETCHED: Final = "hexr.llm.fetched"  # an answer to an earlier call that was looked at
OUTPUT_CHUNKS: Final = "hexr.llm.output_chunks"
# [P] gen_ai.request.reasoning.level: proposed, so not emitted
REASONING_LEVEL: Final = "hexr.llm.reasoning.level"
PHASE: Final = "hexr.llm.phase.{}_ms"
TOOL_DEFINITION_COUNT: Final = "hexr.llm.tool_definition.count"
# [P] gen_ai.usage.<modality>.<side>_tokens: proposed, so not emitted under that name
USAGE_MODALITY: Final = "hexr.llm.usage.{}.{}_tokens"

# Of the registry (docs/registry/attributes/tls.md), on the span of a connection's first exchange.
TLS_PROTOCOL: Final = "tls.protocol.name"
TLS_VERSION: Final = "tls.protocol.version"
TLS_NEXT_PROTOCOL: Final = "tls.next_protocol"

# Of hexr.agent.invoke: the four words of an SDK that reports from inside, then ours.
INVOKE_AGENT_NAME: Final = "agent_name"
INVOKE_TENANT: Final = "tenant"
INVOKE_FRAMEWORK: Final = "framework"
INVOKE_STATUS: Final = "status"
AGENT_BOUNDARY: Final = "hexr.agent.boundary"
AGENT_MODEL_CALLS: Final = "hexr.agent.model_calls"
AGENT_TOOL_CALLS: Final = "hexr.agent.tool_calls"
AGENT_INPUT_TOKENS: Final = "hexr.agent.input_tokens"
AGENT_OUTPUT_TOKENS: Final = "hexr.agent.output_tokens"
AGENT_COST: Final = "hexr.agent.cost_usd"
AGENT_EXIT_SIGNAL: Final = "hexr.agent.exit_signal"

# What is noticed of an agent's work: the event of each kind, and what it says.
FINDING: Final = "hexr.finding.{}"
FINDING_FACTS: Final[Mapping[str, str]] = MappingProxyType(
    {"tool": TOOL_NAME, "times": "hexr.finding.times", "error": ERROR_TYPE, "cached": "hexr.finding.cached_tokens",
     "cached.before": "hexr.finding.cached_tokens_before", "changed": "hexr.finding.changed",
     "used": "hexr.finding.used_tokens", "window": "hexr.finding.window_tokens"}
)  # fmt: skip

# Of a tool that was asked for, and of code that was run.
TOOL_WITHIN: Final = (
    "hexr.tool.within"  # a call that carries out a tool that was asked for, and is counted there
)
FUNCTION: Final = "function"  # the convention's word for a tool that the client runs
TOOL_ERROR: Final = "tool_error"
UNANSWERED: Final = "unanswered"  # no request has brought its result
PROCESS_COMMAND: Final = "process.command"
PROCESS_ARGUMENTS: Final = "process.command_args"
SANDBOX_SIGNAL: Final = "hexr.sandbox.exit_signal"
SANDBOX_CPU: Final = "hexr.sandbox.cpu_time_s"

# Of the resource: the observed agent.
SERVICE_NAME: Final = "service.name"
SERVICE_NAMESPACE: Final = "service.namespace"
SERVICE_INSTANCE: Final = "service.instance.id"
PROCESS_PID: Final = "process.pid"
PROCESS_EXECUTABLE: Final = "process.executable.name"
PROCESS_RUNTIME: Final = "process.runtime.name"
HOST_NAME: Final = "host.name"
CONTAINER_ID: Final = "container.id"
K8S_NAMESPACE: Final = "k8s.namespace.name"
K8S_POD: Final = "k8s.pod.name"
HEXR_AGENT_NAME: Final = "hexr.agent.name"
HEXR_AGENT_FRAMEWORK: Final = "hexr.agent.framework"
DISTRO_NAME: Final = "telemetry.distro.name"
DISTRO_VERSION: Final = "telemetry.distro.version"

# `gen_ai.system` was deprecated in 1.37. Five words are the observability contract's, one is that of
# conventions up to 1.36; every other provider was spelled then as it is now.
_SYSTEMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "gcp.gemini": "google_genai",
        "gcp.vertex_ai": "google_genai",
        "gcp.gen_ai": "google_genai",
        "mistral_ai": "mistral",
        "x_ai": "xai",
    }
)


def system_of(provider: str) -> str:
    """The older attribute's word for a provider."""
    return _SYSTEMS.get(provider, provider)
