"""AWS's SDK: Bedrock's Converse with every block, reason and exception of its service model; InvokeModel by family; agents."""

import base64
import json
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import boto3
import record
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError
from record import Answer, whole

HOST = "bedrock-runtime.us-east-1.amazonaws.com"
AGENTS = "bedrock-agent-runtime.us-east-1.amazonaws.com"
MODELS = (
    "anthropic.claude-3-haiku-20240307-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-v1:0",
    "us.amazon.nova-lite-v1:0",
)
ASKED = {"messages": [{"role": "user", "content": [{"text": "hi"}]}]}


def value_of(shape: Any, *, full: bool, at: int = 0, depth: int = 0, name: str = "") -> Any:
    """A value of a shape of the service model. Of a union one member is taken, of an enumeration one word: the `at`th."""
    if shape.type_name == "structure":
        members = dict(shape.members)
        if getattr(shape, "is_tagged_union", False):
            key = list(members)[at % len(members)]
            members = {key: members[key]}
        elif not full:
            members = {k: v for k, v in members.items() if k in shape.required_members}
        if depth > 8:
            return {}
        return {k: value_of(v, full=full, at=at, depth=depth + 1, name=k) for k, v in members.items()}
    if shape.type_name == "list":
        return [value_of(shape.member, full=full, at=at, depth=depth + 1)] if depth < 9 else []
    if shape.type_name == "map":
        return {"key": value_of(shape.value, full=full, at=at, depth=depth + 1)}
    if shape.type_name == "string":
        return shape.enum[at % len(shape.enum)] if shape.enum else f"{name or 'text'}_{at}"
    return {
        "boolean": True,
        "integer": 3,
        "long": 3,
        "float": 1.5,
        "double": 1.5,
        "blob": "aGk=",
        "timestamp": 1767225600,
    }.get(shape.type_name)


def event(name: str, payload: Any, kind: str = "event") -> bytes:
    """One message of an event stream."""
    head = b""
    for key, said in (
        (":event-type" if kind == "event" else ":exception-type", name),
        (":content-type", "application/json"),
        (":message-type", kind),
    ):
        head += bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(said)) + said.encode()
    body = json.dumps(payload).encode()
    start = struct.pack(">II", 16 + len(head) + len(body), len(head))
    message = start + struct.pack(">I", zlib.crc32(start)) + head + body
    return message + struct.pack(">I", zlib.crc32(message))


def stream(*events: tuple[Any, ...]) -> Answer:
    """An event-stream answer."""
    return Answer(b"".join(event(*e) for e in events), "application/vnd.amazon.eventstream")


def used(u: Any) -> dict[str, Any]:
    """The inclusive rule over Converse's counts."""
    read, write = u.get("cacheReadInputTokens") or 0, u.get("cacheWriteInputTokens") or 0
    return {"gen_ai.usage.input_tokens": u["inputTokens"] + read + write, "gen_ai.usage.output_tokens": u["outputTokens"],
            "gen_ai.usage.cache_read.input_tokens": read, "gen_ai.usage.cache_creation.input_tokens": write}  # fmt: skip


def told(
    model: str, stop: str, calls: list[Any], usage: Any, *, streamed: bool = False, guarded: bool = False
) -> dict[str, Any]:
    """What is wanted of a Converse call."""
    blocked = guarded or stop in ("guardrail_intervened", "content_filtered")
    mine = [c for c in calls if c.get("type") != "server_tool_use"]
    return {"gen_ai.provider.name": "aws.bedrock", "gen_ai.request.model": model, "gen_ai.response.finish_reasons": [stop],
            "hexr.llm.tool_call.ids": [c["toolUseId"] for c in mine], "hexr.llm.tool_call.names": [c["name"] for c in mine],
            "gen_ai.request.stream": True if streamed else None, "status": "ERROR" if blocked else "UNSET",
            "error.type": "content_filter" if blocked else None, **(used(usage) if usage else {})}  # fmt: skip


def usage_of(way: int) -> dict[str, Any]:
    """Counts with and without a cache; the total counts everything."""
    if way == 0:
        return {"inputTokens": 100, "outputTokens": 50, "totalTokens": 150}
    return {"inputTokens": 100, "outputTokens": 50, "totalTokens": 187, "cacheReadInputTokens": 30, "cacheWriteInputTokens": 7,
            "cacheDetails": [{"inputTokens": 7, "ttl": "1h"}]}  # fmt: skip


def converse(trial: record.Trial, client: Any) -> None:
    """Each reason with each block, whole and streamed."""
    model = client.meta.service_model
    reasons, block = model.shape_for("StopReason").enum, model.shape_for("ContentBlock")
    for at, reason in enumerate([*reasons, "brand_new_reason"]):
        name, full = MODELS[at % len(MODELS)], at % 2 == 0
        content = [value_of(block, full=full, at=n) for n in range(len(block.members))]
        for n, one in enumerate(b["toolUse"] for b in content if "toolUse" in b):
            one |= {"toolUseId": f"t{n}", "name": f"tool_{n}", "input": {"a": 1}}
            one.pop("type", None) if at % 4 else None
        value = value_of(model.shape_for("ConverseResponse"), full=full, at=at)
        value |= {
            "stopReason": reason,
            "usage": usage_of(at % 2),
            "output": {"message": {"role": "assistant", "content": content}},
        }
        value.pop("trace", None)

        def call() -> dict[str, Any]:
            done = client.converse(modelId=name, **ASKED)
            calls = [b["toolUse"] for b in done["output"]["message"]["content"] if "toolUse" in b]
            return told(name, done["stopReason"], calls, done["usage"])

        trial.play(f"converse/{reason}", HOST, whole(value), call)
        _streamed(trial, client, name, reason, at)


def _streamed(trial: record.Trial, client: Any, name: str, reason: str, at: int) -> None:
    model = client.meta.service_model
    start, delta = model.shape_for("ContentBlockStart"), model.shape_for("ContentBlockDelta")
    pieces: list[Any] = [("messageStart", {"role": "assistant", "p": "abc"})]
    index = 0
    for n in range(len(start.members)):
        begun = value_of(start, full=at % 2 == 0, at=n)
        if "toolUse" in begun:
            begun["toolUse"] |= {"toolUseId": f"t{index}", "name": f"tool_{index}"}
            begun["toolUse"].pop("type", None) if at % 4 else None
        pieces.append(("contentBlockStart", {"start": begun, "contentBlockIndex": index}))
        kind = next(iter(begun))
        more = (
            [{"toolUse": {"input": p}} for p in ('{"a":', "1}")]
            if kind == "toolUse"
            else [value_of(delta, full=True, at=list(delta.members).index(kind))]
        )
        pieces += [("contentBlockDelta", {"delta": d, "contentBlockIndex": index, "p": "x"}) for d in more]
        pieces.append(("contentBlockStop", {"contentBlockIndex": index}))
        index += 1
    for n in range(len(delta.members)):
        if list(delta.members)[n] not in ("toolUse", "toolResult", "image"):
            pieces.append(
                ("contentBlockDelta", {"delta": value_of(delta, full=True, at=n), "contentBlockIndex": index})
            )
            index += 1
    pieces += [
        ("messageStop", {"stopReason": reason}),
        ("brandNewEvent", {"a": 1}),
        ("metadata", {"usage": usage_of(at % 2), "metrics": {"latencyMs": 5}}),
    ]

    def call() -> dict[str, Any]:
        calls, stop, usage = [], None, None
        for one in client.converse_stream(modelId=name, **ASKED)["stream"]:
            if "toolUse" in one.get("contentBlockStart", {}).get("start", {}):
                calls.append(one["contentBlockStart"]["start"]["toolUse"])
            stop = one.get("messageStop", {}).get("stopReason", stop)
            usage = one.get("metadata", {}).get("usage", usage)
        return told(name, stop, calls, usage, streamed=True)

    trial.play(f"converse_stream/{reason}", HOST, stream(*pieces), call)
    for broken in (
        [k for k in model.shape_for("ConverseStreamOutput").members if k.endswith("Exception")]
        if at == 0
        else []
    ):

        def fail() -> dict[str, Any]:
            try:
                list(client.converse_stream(modelId=name, **ASKED)["stream"])
            except EventStreamError as failed:
                return {
                    "error.type": failed.response["Error"]["Code"],
                    "status": "ERROR",
                    "gen_ai.request.stream": True,
                }
            raise AssertionError("no error")

        trial.play(
            f"converse_stream_broken/{broken}",
            HOST,
            stream(*pieces[:4], (broken, {"message": "m"}, "exception")),
            fail,
        )


def failures(trial: record.Trial, client: Any) -> None:
    """Every exception of the service model, by header field and by body."""
    model = client.meta.service_model
    for operation in ("Converse", "InvokeModel"):
        for shape in model.operation_model(operation).error_shapes:
            status = shape.metadata["error"]["httpStatusCode"]
            for place in ("header", "body", "both"):
                headers = (
                    (
                        (
                            "x-amzn-errortype",
                            f"{shape.name}:http://internal.amazon.com/coral/com.amazon.bedrock/",
                        ),
                    )
                    if place != "body"
                    else ()
                )
                body = {"message": "m"} | (
                    {"__type": f"com.amazon.bedrock#{shape.name}"} if place != "header" else {}
                )

                def call() -> dict[str, Any]:
                    try:
                        client.converse(
                            modelId=MODELS[0], **ASKED
                        ) if operation == "Converse" else client.invoke_model(
                            modelId=MODELS[0],
                            body=json.dumps(
                                {
                                    "anthropic_version": "bedrock-2023-05-31",
                                    "max_tokens": 9,
                                    "messages": [{"role": "user", "content": "hi"}],
                                }
                            ),
                        )
                    except ClientError as failed:
                        return {
                            "error.type": failed.response["Error"]["Code"],
                            "status": "ERROR",
                            "http.response.status_code": status,
                        }
                    raise AssertionError("no error")

                trial.play(
                    f"error/{operation}/{shape.name}/{place}", HOST, whole(body, status, *headers), call
                )


# family: model, request, answer, chunks of a stream, and what they say: finish, input, output.
# https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
SAID = {"role": "user", "content": "hi"}
FAMILIES: dict[str, tuple[Any, ...]] = {
    "claude": ("anthropic.claude-v3", {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [SAID]},
               {"id": "msg_1", "model": "claude-3", "type": "message", "role": "assistant", "content": [{"type": "text", "text": "a"}], "stop_reason": "end_turn", "usage": {"input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 3}},
               [{"type": "message_start", "message": {"id": "msg_1", "model": "claude-3", "content": [], "usage": {"input_tokens": 10, "cache_read_input_tokens": 3, "output_tokens": 1}}}, {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}, {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}, {"type": "content_block_stop", "index": 0}, {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}, {"type": "message_stop"}], ("end_turn", 13, 5)),
    "titan": ("amazon.titan-text-express-v1", {"inputText": "hi", "textGenerationConfig": {"maxTokenCount": 9, "temperature": 0.5, "topP": 0.9, "stopSequences": ["x"]}},
              {"inputTextTokenCount": 10, "results": [{"tokenCount": 5, "outputText": "a", "completionReason": "FINISH"}]},
              [{"outputText": "a", "index": 0, "totalOutputTextTokenCount": None, "completionReason": None, "inputTextTokenCount": 10}, {"outputText": "", "index": 0, "totalOutputTextTokenCount": 5, "completionReason": "FINISH", "inputTextTokenCount": None}], ("FINISH", 10, 5)),
    "llama": ("meta.llama3-70b-instruct-v1:0", {"prompt": "hi", "max_gen_len": 9, "temperature": 0.5, "top_p": 0.9},
              {"generation": "a", "prompt_token_count": 10, "generation_token_count": 5, "stop_reason": "stop"},
              [{"generation": "a", "prompt_token_count": 10, "generation_token_count": 1, "stop_reason": None}, {"generation": "b", "prompt_token_count": None, "generation_token_count": 5, "stop_reason": "stop"}], ("stop", 10, 5)),
    "command": ("cohere.command-text-v14", {"prompt": "hi", "max_tokens": 9, "temperature": 0.5, "p": 0.9, "k": 3, "stop_sequences": ["x"]},
                {"id": "c_1", "prompt": "hi", "generations": [{"id": "g", "text": "a", "finish_reason": "COMPLETE"}]},
                [{"text": "a", "is_finished": False, "index": 0}, {"is_finished": True, "finish_reason": "COMPLETE", "index": 0}], ("COMPLETE", None, None)),
    "command_r": ("cohere.command-r-v1:0", {"message": "hi", "max_tokens": 9}, {"response_id": "c_1", "generation_id": "g", "text": "a", "finish_reason": "COMPLETE", "chat_history": []},
                  [{"event_type": "stream-start", "generation_id": "g", "is_finished": False}, {"event_type": "text-generation", "text": "a", "is_finished": False}, {"event_type": "stream-end", "finish_reason": "COMPLETE", "is_finished": True, "response": {"response_id": "c_1", "text": "a", "finish_reason": "COMPLETE"}}], ("COMPLETE", None, None)),
    "mistral": ("mistral.mistral-7b-instruct-v0:2", {"prompt": "<s>[INST] hi [/INST]", "max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "top_k": 3, "stop": ["x"]},
                {"outputs": [{"text": "a", "stop_reason": "stop"}]}, [{"outputs": [{"text": "a", "stop_reason": None}]}, {"outputs": [{"text": "b", "stop_reason": "stop"}]}], ("stop", None, None)),
    "mistral_chat": ("mistral.mistral-large-2407-v1:0", {"messages": [SAID], "max_tokens": 9}, {"choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "stop_reason": "stop"}]},
                     [{"choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "stop_reason": None}]}, {"choices": [{"index": 0, "message": {"content": ""}, "stop_reason": "stop"}]}], ("stop", None, None)),
    "jamba": ("ai21.jamba-1-5-large-v1:0", {"messages": [SAID], "max_tokens": 9, "n": 1}, {"id": "j", "model": "jamba", "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}},
              [{"id": "j", "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": None}]}, {"id": "j", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}], ("stop", 10, 5)),
    "jurassic": ("ai21.j2-ultra-v1", {"prompt": "hi", "maxTokens": 9, "temperature": 0.5, "topP": 0.9, "stopSequences": ["x"]},
                 {"id": 1234, "prompt": {"text": "hi", "tokens": []}, "completions": [{"data": {"text": "a", "tokens": []}, "finishReason": {"reason": "endoftext"}}]}, None, ("endoftext", None, None)),
    "nova": ("amazon.nova-pro-v1:0", {"messages": ASKED["messages"], "inferenceConfig": {"max_new_tokens": 9, "temperature": 0.5}},
             {"output": {"message": {"role": "assistant", "content": [{"text": "a"}]}}, "stopReason": "end_turn", "usage": {"inputTokens": 10, "outputTokens": 5, "totalTokens": 15}},
             [{"messageStart": {"role": "assistant"}}, {"contentBlockDelta": {"delta": {"text": "a"}, "contentBlockIndex": 0}}, {"contentBlockStop": {"contentBlockIndex": 0}}, {"messageStop": {"stopReason": "end_turn"}}, {"metadata": {"usage": {"inputTokens": 10, "outputTokens": 5}, "metrics": {}, "trace": {}}}], ("end_turn", 10, 5)),
    "gpt_oss": ("openai.gpt-oss-120b-1:0", {"messages": [SAID], "max_completion_tokens": 9}, {"id": "o", "model": "gpt-oss", "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}},
                [{"id": "o", "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": None}]}, {"id": "o", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}], ("stop", 10, 5)),
    "deepseek": ("us.deepseek.r1-v1:0", {"prompt": "hi", "max_tokens": 9, "temperature": 0.5, "top_p": 0.9}, {"choices": [{"text": "a", "stop_reason": "stop"}]},
                 [{"choices": [{"index": 0, "text": "a", "stop_reason": None}]}, {"choices": [{"index": 0, "text": "", "stop_reason": "stop"}]}], ("stop", None, None)),
    "writer": ("us.writer.palmyra-x5-v1:0", {"messages": [SAID], "max_tokens": 9}, {"id": "w", "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}, None, ("stop", 10, 5)),
    "qwen": ("qwen.qwen3-32b-v1:0", {"messages": [SAID], "max_tokens": 9}, {"id": "q", "choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}}, None, ("stop", 10, 5)),
}  # fmt: skip


def invoke(trial: record.Trial, client: Any) -> None:
    """Every family's own body, with and without the service's own counts."""
    for family, (model, asked, answer, chunks, (finish, input_, output)) in FAMILIES.items():
        for heads in (True, False):
            headers = (
                (("x-amzn-bedrock-input-token-count", "10"), ("x-amzn-bedrock-output-token-count", "5"))
                if heads
                else ()
            )
            said = {"gen_ai.provider.name": "aws.bedrock", "gen_ai.request.model": model, "gen_ai.response.finish_reasons": [finish], "status": "UNSET",
                    "gen_ai.usage.input_tokens": input_ if input_ is not None else 10 if heads else None, "gen_ai.usage.output_tokens": output if output is not None else 5 if heads else None,
                    "gen_ai.request.max_tokens": 9}  # fmt: skip

            def call() -> dict[str, Any]:
                assert (
                    json.loads(client.invoke_model(modelId=model, body=json.dumps(asked))["body"].read())
                    == answer
                )
                return dict(said)

            trial.play(f"invoke/{family}/{heads}", HOST, whole(answer, 200, *headers), call)
            if chunks is None:
                continue
            sent = [dict(c) for c in chunks]
            streamed = said | {"gen_ai.request.stream": True}
            if heads:
                sent[-1]["amazon-bedrock-invocationMetrics"] = {
                    "inputTokenCount": 10,
                    "outputTokenCount": 5,
                    "invocationLatency": 3,
                    "firstByteLatency": 1,
                }
            elif family == "gpt_oss":
                streamed |= {"gen_ai.usage.input_tokens": None, "gen_ai.usage.output_tokens": None}
            body = stream(
                *(
                    ("chunk", {"bytes": base64.b64encode(json.dumps(c).encode()).decode(), "p": "abcd"})
                    for c in sent
                )
            )

            def call_stream() -> dict[str, Any]:
                found = [
                    json.loads(e["chunk"]["bytes"])
                    for e in client.invoke_model_with_response_stream(modelId=model, body=json.dumps(asked))[
                        "body"
                    ]
                ]
                assert found == sent
                return dict(streamed)

            trial.play(f"invoke_stream/{family}/{heads}", HOST, body, call_stream)


def agents(trial: record.Trial, client: Any) -> None:
    """Agents: their chunks, traces, and control given back."""
    shapes = client.meta.service_model
    trace = shapes.shape_for("TracePart")
    answers = {
        "chunk": {"bytes": "aGk="},
        "returnControl": {
            "invocationId": "inv_1",
            "invocationInputs": [
                {"functionInvocationInput": {"actionGroup": "g", "function": "f", "parameters": []}},
                {"apiInvocationInput": {"actionGroup": "g", "apiPath": "/p", "httpMethod": "GET"}},
            ],
        },
    }
    for name, value in answers.items():
        pieces = [("trace", value_of(trace, full=True, at=n)) for n in range(8)] if name == "chunk" else []

        def call() -> dict[str, Any]:
            done = client.invoke_agent(
                agentId="AGENT12345", agentAliasId="ALIAS12345", sessionId="s-1", inputText="hi"
            )
            list(done["completion"])
            return {
                "gen_ai.provider.name": "aws.bedrock",
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.conversation.id": done["sessionId"],
                "status": "*" and None,
            }

        answer = stream(*pieces, (name, value))
        answer.headers = (
            ("x-amzn-bedrock-agent-content-type", "application/json"),
            ("x-amz-bedrock-agent-session-id", "s-1"),
        )
        trial.play(f"agent/{name}", AGENTS, answer, call)
    value = value_of(shapes.shape_for("RetrieveAndGenerateResponse"), full=True)

    def asked() -> dict[str, Any]:
        done = client.retrieve_and_generate(input={"text": "hi"})
        return {"gen_ai.provider.name": "aws.bedrock", "gen_ai.conversation.id": done["sessionId"]}

    trial.play("knowledge", AGENTS, whole(value), asked)


def main() -> None:
    trial = record.Trial("bedrock")
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    options = {
        "endpoint_url": trial.url,
        "region_name": "us-east-1",
        "aws_access_key_id": "AKIAPLANTED",
        "aws_secret_access_key": "PLANTED",
        "config": config,
    }
    client = boto3.client("bedrock-runtime", **options)
    converse(trial, client)
    failures(trial, client)
    invoke(trial, client)
    agents(trial, boto3.client("bedrock-agent-runtime", **options))
    trial.write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
