"""The official `anthropic` package, as a customer's engineer uses it. Retries stay at the package's default."""

import anthropic
import plan


def client(config, call, wire):
    return anthropic.Anthropic(
        base_url=config["base_url"],
        api_key=call["key"],
        timeout=30,
        http_client=anthropic.DefaultHttpxClient(event_hooks=wire.hooks(), trust_env=False),
    )


def async_client(config, call, wire):
    return anthropic.AsyncAnthropic(
        base_url=config["base_url"],
        api_key=call["key"],
        timeout=30,
        http_client=anthropic.DefaultAsyncHttpxClient(event_hooks=wire.async_hooks(), trust_env=False),
    )


def words(call):
    headers = {"Accept-Language": call["language"]} if "language" in call else {}
    return dict(
        model=call["model"],
        max_tokens=64,
        messages=[{"role": "user", "content": "hello"}],
        extra_headers=headers,
        extra_body={"practice": call.get("practice", {})},
    )


def call_sync(config, call, wire, text):
    with client(config, call, wire) as anthropic_client:
        if call["kind"] == "models":
            return {"models": [model.id for model in anthropic_client.models.list()]}
        if call["kind"] == "model":
            return {"models": [anthropic_client.models.retrieve(call["model"]).id]}
        if call["kind"] == "create":
            answer = anthropic_client.messages.create(**words(call))
            text.add(answer.content[0].text)
            return {"finish": answer.stop_reason}
        with anthropic_client.messages.stream(**words(call)) as stream:
            for part in stream.text_stream:
                text.add(part)
            return {"finish": stream.get_final_message().stop_reason}


async def call_async(config, call, wire, text):
    async with async_client(config, call, wire) as anthropic_client:
        if call["kind"] == "async_create":
            answer = await anthropic_client.messages.create(**words(call))
            text.add(answer.content[0].text)
            return {"finish": answer.stop_reason}
        async with anthropic_client.messages.stream(**words(call)) as stream:
            async for part in stream.text_stream:
                text.add(part)
            return {"finish": (await stream.get_final_message()).stop_reason}


def explain(error):
    return {name: getattr(error, name, None) for name in ("error_code", "type", "request_id", "api_message")}


plan.run(call_sync, call_async, explain)
