// Calls a model as an ordinary Node program does. usage: node node_client.js MODE BASE WORDS
const { OpenAI } = require("openai");

async function main(mode, base, words) {
  const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: "sk-planted-0123456789abcdefghij", maxRetries: 0 });
  const ask = { model: "gpt-4o", messages: [{ role: "user", content: `say it. words: ${words}` }] };
  let id, model, finish, usage;
  if (mode === "stream") {
    const stream = await client.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } });
    for await (const chunk of stream) {
      ({ id, model } = chunk);
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
  } else {
    const whole = await client.chat.completions.create(ask);
    ({ id, model, usage } = whole);
    finish = whole.choices[0].finish_reason;
  }
  console.log(JSON.stringify({ id, model, finish, in: usage.prompt_tokens, out: usage.completion_tokens }));
}

main(process.argv[2], process.argv[3], process.argv[4] ?? "7");
