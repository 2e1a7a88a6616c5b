"""Reads golden files with the vendors' own clients: python3 sdk.py, with the packages openai and anthropic installed.

Serves each file on loopback and checks what the client makes of it. Translated answers and streams must read like the
originals; a cut must be an error with its code and its words.
"""

import pathlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import anthropic
import openai

FORMS = pathlib.Path(__file__).parent / "forms"
reply = {}


def golden(name):
    return FORMS.joinpath(name + ".snap").read_text().split("---\n", 2)[2].rstrip("\n") + "\n\n"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", reply["type"])
        self.end_headers()
        self.wfile.write(reply["body"].encode())

    def log_message(self, *_):
        pass


def serve(body, stream):
    reply.update(body=body, type="text/event-stream" if stream else "application/json")


def chat(stream):
    return OPENAI.chat.completions.create(model="m", messages=[], stream=stream)


def messages(stream):
    return ANTHROPIC.messages.create(model="m", max_tokens=9, messages=[], stream=stream)


def raised(events):
    try:
        for _ in events():
            pass
    except (openai.APIError, anthropic.APIError) as error:
        return error
    raise AssertionError("no error")


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
place = f"http://127.0.0.1:{server.server_port}"
OPENAI = openai.OpenAI(api_key="k", base_url=place + "/v1", max_retries=0)
ANTHROPIC = anthropic.Anthropic(api_key="k", base_url=place, max_retries=0)

serve(golden("messages.answer.translated"), False)
whole = chat(False)
assert whole.choices[0].message.content == "Let me look." and whole.choices[0].finish_reason == "tool_calls", whole
assert whole.choices[0].message.tool_calls[0].function.arguments == '{"city":"서울","days":2}', whole
assert whole.usage.prompt_tokens == 82 and whole.usage.completion_tokens == 17, whole

serve(golden("chat.answer.translated"), False)
whole = messages(False)
assert [block.type for block in whole.content] == ["text", "tool_use"] and whole.stop_reason == "tool_use", whole
assert whole.content[1].input == {"city": "서울", "days": 2} and whole.usage.input_tokens == 18, whole

serve(golden("messages.stream.sse.translated"), True)
chunks = list(chat(True))
text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
calls = "".join(t.function.arguments for c in chunks if c.choices for t in c.choices[0].delta.tool_calls or [])
assert (text, calls) == ("Let me look, 서울.", '{"city": "서울"}'), (text, calls)
assert chunks[-1].usage.total_tokens == 99 and chunks[-2].choices[0].finish_reason == "tool_calls", chunks[-2:]

serve(golden("chat.stream.sse.translated"), True)
with ANTHROPIC.messages.stream(model="m", max_tokens=9, messages=[]) as stream:
    whole = stream.get_final_message()
assert whole.content[0].text == "Let me look, 서울." and whole.stop_reason == "tool_use", whole
assert [block.input for block in whole.content[1:]] == [{"city": "서울"}, {}], whole
assert (whole.usage.input_tokens, whole.usage.output_tokens) == (18, 17), whole

serve(golden("messages.refusal.sse.translated"), True)
assert list(chat(True))[-2].choices[0].finish_reason == "content_filter"
serve(golden("chat.refusal.translated"), False)
assert messages(False).stop_reason == "refusal"

begun = golden("chat.stream.sse.translated").split("event: content_block_stop")[0]
serve(begun + golden("messages.cut.en"), True)
error = raised(lambda: messages(True))
assert error.body["error"]["details"]["error_code"] == "legal_restriction", error.body

begun = golden("messages.stream.sse.translated").split("data: [DONE]")[0]
serve(begun + golden("chat.cut.en"), True)
error = raised(lambda: chat(True))
assert error.code == "legal_restriction" and "legal order" in error.message, error

begun = 'event: response.created\ndata: {"type":"response.created","sequence_number":2,"response":{"id":"r","output":[]}}\n\n'
serve(begun + golden("responses.cut.en"), True)
error = raised(lambda: OPENAI.responses.create(model="m", input="x", stream=True))
assert error.code == "legal_restriction" and "legal order" in error.message, error
print(f"openai {openai.__version__}, anthropic {anthropic.__version__}: all read")
