"""The official `openai` package, as a customer's engineer uses it. Retries stay at the package's default."""

import openai
import plan


def client(config, call, wire):
    return openai.OpenAI(
        base_url=config["base_url"] + "/v1",
        api_key=call["key"],
        timeout=30,
        http_client=openai.DefaultHttpxClient(event_hooks=wire.hooks(), trust_env=False),
    )


def async_client(config, call, wire):
    return openai.AsyncOpenAI(
        base_url=config["base_url"] + "/v1",
        api_key=call["key"],
        timeout=30,
        http_client=openai.DefaultAsyncHttpxClient(event_hooks=wire.async_hooks(), trust_env=False),
    )


def words(call, **more):
    headers = {"Accept-Language": call["language"]} if "language" in call else {}
    return dict(
        model=call["model"],
        messages=[{"role": "user", "content": "hello"}],
        extra_headers=headers,
        extra_body={"practice": call.get("practice", {})},
        **more,
    )


def delta(chunk):
    return chunk.choices[0].delta.content if chunk.choices else None


def call_sync(config, call, wire, text):
    with client(config, call, wire) as openai_client:
        if call["kind"] == "models":
            return {"models": [model.id for model in openai_client.models.list()]}
        if call["kind"] == "model":
            return {"models": [openai_client.models.retrieve(call["model"]).id]}
        if call["kind"] == "create":
            answer = openai_client.chat.completions.create(**words(call))
            text.add(answer.choices[0].message.content)
            return {"finish": answer.choices[0].finish_reason}
        finish = None
        for chunk in openai_client.chat.completions.create(**words(call, stream=True)):
            text.add(delta(chunk))
            finish = chunk.choices[0].finish_reason if chunk.choices else finish
        return {"finish": finish}


async def call_async(config, call, wire, text):
    async with async_client(config, call, wire) as openai_client:
        if call["kind"] == "async_create":
            answer = await openai_client.chat.completions.create(**words(call))
            text.add(answer.choices[0].message.content)
            return {"finish": answer.choices[0].finish_reason}
        finish = None
        async for chunk in await openai_client.chat.completions.create(**words(call, stream=True)):
            text.add(delta(chunk))
            finish = chunk.choices[0].finish_reason if chunk.choices else finish
        return {"finish": finish}


def explain(error):
    return {name: getattr(error, name, None) for name in ("code", "param", "type", "request_id")}


plan.run(call_sync, call_async, explain)
