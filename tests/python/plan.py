"""What both client scripts share: reads a plan from standard input, makes every call of it at once, writes JSON lines.

A plan is {"base_url": URL, "calls": [{"name", "kind", "key", ...}]}. Each stream that has received text writes
{"began": name}, each call that is over {"ended": name}; the last line is {name: what the client saw}.
"""

import asyncio
import json
import sys
import threading

_writing = threading.Lock()


def say(line):
    with _writing:
        print(json.dumps(line), flush=True)


class Wire:
    """Counts what a client sends and keeps the head of the last answer."""

    def __init__(self):
        self.attempts = 0
        self.headers = {}

    def _sent(self):
        self.attempts += 1

    def _answered(self, response):
        self.headers = {name.lower(): value for name, value in response.headers.items()}

    def hooks(self):
        return {"request": [lambda request: self._sent()], "response": [self._answered]}

    def async_hooks(self):
        async def sent(request):
            self._sent()

        async def answered(response):
            self._answered(response)

        return {"request": [sent], "response": [answered]}


class Text:
    """The text received so far, and who is told that it began."""

    def __init__(self, name):
        self.name = name
        self.parts = []

    def add(self, part):
        if not part:
            return
        if not self.parts:
            say({"began": self.name})
        self.parts.append(part)

    def __str__(self):
        return "".join(self.parts)


def report(error, text, explain):
    seen = {
        "error": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__],
        "status_code": getattr(error, "status_code", None),
        "message": str(error),
        "body": getattr(error, "body", None),
        "text": str(text),
    }
    seen.update(explain(error))
    return seen


def run(call_sync, call_async, explain):
    """`call_sync` and `call_async` take (plan, call, wire, text) and give what a good answer held."""
    plan = json.loads(sys.stdin.readline())
    seen = {}

    def one(call):
        wire, text = Wire(), Text(call["name"])
        try:
            if call["kind"].startswith("async_"):
                result = asyncio.run(call_async(plan, call, wire, text))
            else:
                result = call_sync(plan, call, wire, text)
            result = {"error": None, "text": str(text), **result}
        except Exception as error:  # what the client raises is what is tested
            result = report(error, text, explain)
        seen[call["name"]] = {**result, "attempts": wire.attempts, "headers": wire.headers}
        say({"ended": call["name"]})

    threads = [threading.Thread(target=one, args=(call,)) for call in plan["calls"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say(seen)
