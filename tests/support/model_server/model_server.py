#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""model_server - a scripted stand-in for model APIs, so that real coding-agent CLIs
perform deterministic work with no network, no account and no real key.

One process speaks four wire protocols on one port (any path prefix is accepted):

    POST .../messages                        Anthropic Messages        (claude)
    POST .../responses                       OpenAI Responses          (codex)
    POST .../chat/completions                OpenAI Chat Completions   (opencode, qwen, pi)
    POST .../models/<m>:streamGenerateContent  Google Gemini           (gemini)
    (+ GET .../models, POST .../count_tokens, :countTokens, :generateContent)

Every request is answered from a scenario file (JSON).  The server keeps no
conversation state: the step to play is the number of tool-result rounds that
follow the last user prompt in the request itself, so retries, resumed sessions
and many concurrent clients all behave.  See README.md for the scenario format.

Control endpoints:
    GET  /__server/health      {"ok": true}
    GET  /__server/requests    every model request so far, as a JSON list
    POST /__server/reset       forget the request list and the error counters

Usage:
    model_server.py SCENARIOS.json [--port N] [--port-file F] [--log F.jsonl]
                 [--log-bodies] [--exit-on-stdin-eof]

Python 3.8+, standard library only.
"""
import argparse
import itertools
import json
import os
import re
import select
import socket
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# ---------------------------------------------------------------- requests ---


class Request:
    """A model request of any protocol, reduced to what scenarios look at."""

    def __init__(self, protocol, model, stream):
        self.protocol = protocol
        self.model = model or "scripted"
        self.stream = stream
        self.system = ""         # system/developer instructions
        self.context = ""        # text the client injected around the user's prompt
        self.events = []         # ("user", text) | ("assistant", text) | ("result", text)
        self.tools = {}          # tool name -> JSON schema of its arguments ({} if free-form)
        self.custom_tools = set()  # OpenAI free-form ("custom") tools
        self.namespaces = {}     # tool name -> namespace (OpenAI Responses)

    def user(self, raw):
        """Record user-role text, apart from what the client injected into it."""
        text = INJECTED.sub("", raw).strip()
        if text.startswith("# AGENTS.md instructions"):
            text = ""
        if text != raw.strip():
            self.context += raw + "\n"
        if text:
            self.events.append(("user", text))

    def result(self, raw):
        self.events.append(("result", INJECTED.sub("", raw).strip()))

    def finish(self):
        self.prompt, self.prompt_index = "", -1
        for i, (kind, text) in enumerate(self.events):
            if kind == "user":
                self.prompt, self.prompt_index = text, i
        # A round is a run of adjacent tool results: parallel calls count once. It goes on while
        # one of its commands still runs.
        self.round, self.tool_result, self.running, begun = 0, "", [], []
        for kind, run in itertools.groupby(self.events[self.prompt_index + 1:], lambda e: e[0]):
            if kind != "result":
                continue
            results = [text for _, text in run]
            early = [text for text in results if WAIT_TOOL in self.tools and RUNNING.match(text)]
            self.running = [RUNNING.match(text).group(1) for text in early]
            if early:
                begun += early
                continue
            self.round += 1
            self.tool_result, begun = "\n".join(begun + results[-1:]), []
        self.transcript = "\n".join(t for _, t in self.events)
        self.cwd = find_cwd(self.system + "\n" + self.context)
        return self


# What codex says above the output of a command that takes longer than it waits for one by itself,
# and its tool to wait for it.
RUNNING = re.compile(r"(?:(?!Output:).*\n)*?Process running with session ID (\d+)$", re.M)
WAIT_TOOL = "write_stdin"

CWD_PATTERNS = [
    r"working in the directory:?\s*[`'\"]?(/[^\s`'\"<]*)",          # qwen
    r"<cwd>\s*(/[^<\n]*?)\s*</cwd>",                                # codex, pi
    r"[Ww]orking directory(?: is)?:?\s*[`'\"]?(/[^\s`'\"<]*)",      # claude, opencode, pi
    r"[Ww]orkspace[^\n]{0,60}?:?\s*\n?\s*(?:- )?[`'\"]?(/[^\s`'\"<,]*)",  # gemini
]


def find_cwd(text):
    for pattern in CWD_PATTERNS:
        m = re.search(pattern, text)
        if m:
            return m.group(1).rstrip(".,") or "/"
    return ""


# Text that clients inject into user messages; it is not the user's prompt.
INJECTED = re.compile(
    r"<(system-reminder|environment_context|user_instructions|session_context|"
    r"permissions instructions|skills_instructions)>.*?</\1>", re.S)


def flat(content):
    """Text of a content field that may be a string or a list of blocks."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        content = [content]
    out = []
    for block in content:
        if isinstance(block, str):
            out.append(block)
        elif isinstance(block, dict):
            value = block.get("text", block.get("content", ""))
            out.append(value if isinstance(value, str) else flat(value))
    return "\n".join(out)


def parse_anthropic(body):
    r = Request("anthropic", body.get("model"), body.get("stream", False))
    r.system = flat(body.get("system"))
    for m in body.get("messages", []):
        content = m.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content or []
        if m.get("role") == "assistant":
            r.events.append(("assistant", flat([b for b in blocks if b.get("type") == "text"])))
            continue
        if m.get("role") == "system":
            r.system += "\n" + flat(blocks)
            continue
        results = [b for b in blocks if b.get("type") == "tool_result"]
        for b in results:
            r.result(flat(b.get("content")))
        # Behind results too: a session that went on when its last request had been refused.
        r.user(flat([b for b in blocks if b.get("type") == "text"]))
    for t in body.get("tools") or []:
        r.tools[t.get("name", "")] = t.get("input_schema") or {}
    return r.finish()


def parse_responses(body):
    r = Request("responses", body.get("model"), body.get("stream", False))
    r.system = body.get("instructions") or ""
    items = body.get("input")
    if isinstance(items, str):
        items = [{"type": "message", "role": "user", "content": items}]
    for it in items or []:
        kind = it.get("type", "message")
        if kind == "message":
            text = flat(it.get("content"))
            if it.get("role") in ("developer", "system"):
                r.system += "\n" + text
            elif it.get("role") == "assistant":
                r.events.append(("assistant", text))
            else:
                r.user(text)
        elif kind in ("function_call", "custom_tool_call", "local_shell_call"):
            r.events.append(("assistant", ""))
        elif kind.endswith("_output"):
            r.result(flat(it.get("output")))

    def add(tools, namespace=None):
        for t in tools:
            if t.get("type") == "namespace":
                add(t.get("tools") or [], t.get("name"))
                continue
            name = t.get("name") or t.get("type", "")
            if namespace:
                r.namespaces[name] = namespace
            r.tools[name] = t.get("parameters") or {}
            if t.get("type") == "custom":
                r.custom_tools.add(name)

    add(body.get("tools") or [])
    return r.finish()


def parse_chat(body):
    r = Request("chat", body.get("model"), body.get("stream", False))
    for m in body.get("messages", []):
        role, text = m.get("role"), flat(m.get("content"))
        if role in ("system", "developer"):
            r.system += "\n" + text
        elif role == "assistant":
            r.events.append(("assistant", text))
        elif role == "tool":
            r.result(text)
        else:
            r.user(text)
    for t in body.get("tools") or []:
        f = t.get("function") or {}
        r.tools[f.get("name", "")] = f.get("parameters") or {}
    return r.finish()


def parse_gemini(body, model, stream):
    r = Request("gemini", model, stream)
    r.system = flat((body.get("systemInstruction") or {}).get("parts"))
    for c in body.get("contents", []):
        parts = c.get("parts", [])
        if c.get("role") == "model":
            r.events.append(("assistant", flat([p for p in parts if "text" in p])))
            continue
        results = [p["functionResponse"] for p in parts if "functionResponse" in p]
        for f in results:
            answer = f.get("response") or {}
            r.result(str(answer.get("output") or answer.get("error") or json.dumps(answer)))
        if not results:
            r.user(flat([p for p in parts if "text" in p]))
    for t in body.get("tools") or []:
        for f in t.get("functionDeclarations") or []:
            r.tools[f["name"]] = f.get("parametersJsonSchema") or f.get("parameters") or {}
    return r.finish()


# --------------------------------------------------------- portable actions ---
# A step can name a real tool ("tool": "Write") or a portable action
# ("write_file": {...}).  An action becomes a call of whatever tool the client
# advertised that can do it, so one scenario file serves every CLI.

ACTIONS = ("write_file", "read_file", "shell", "structured")
SHELL_TOOLS = ["Bash", "bash", "exec_command", "shell_command", "shell", "run_shell_command"]
WRITE_TOOLS = ["Write", "write_file", "write"]
READ_TOOLS = ["Read", "read_file", "read"]
JSON_TOOLS = ["StructuredOutput", "structured_output"]


class ScenarioError(Exception):
    pass


def first_key(schema, keys, default):
    props = schema.get("properties") or {}
    return next((k for k in keys if k in props), default)


def fill_required(schema, args):
    """Give harmless values to required arguments a scenario does not care about."""
    props = schema.get("properties") or {}
    for key in schema.get("required") or []:
        if key not in args:
            kind = (props.get(key) or {}).get("type")
            kind = (kind[0] if isinstance(kind, list) else kind or "string").lower()
            args[key] = {"boolean": False, "integer": 0, "number": 0,
                         "array": [], "object": {}}.get(kind, "scripted")
    return args


def shell_call(req, command):
    name = next((n for n in SHELL_TOOLS if n in req.tools), None)
    if name is None:
        raise ScenarioError("the client offers no shell tool: %s" % sorted(req.tools))
    schema = req.tools[name]
    key = first_key(schema, ["command", "cmd"], "command")
    is_list = ((schema.get("properties") or {}).get(key) or {}).get("type") == "array"
    return name, fill_required(schema, {key: ["bash", "-lc", command] if is_list else command})


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def action_call(req, action, spec):
    """(tool name, arguments) for a portable action, or None if it is plain text."""
    if action == "shell":
        return shell_call(req, spec if isinstance(spec, str) else spec["command"])
    if action == "structured":
        name = next((n for n in JSON_TOOLS if n in req.tools), None)
        return (name, spec) if name else None
    path = spec if isinstance(spec, str) else spec["path"]
    path = path if os.path.isabs(path) else os.path.join(req.cwd, path)
    tools = WRITE_TOOLS if action == "write_file" else READ_TOOLS
    name = next((n for n in tools if n in req.tools), None)
    if name is None:                      # e.g. codex: everything goes through the shell
        if action == "read_file":
            return shell_call(req, "cat " + quoted(path))
        return shell_call(req, "mkdir -p %s && printf %%s %s > %s" % (
            quoted(os.path.dirname(path) or "."), quoted(spec["content"]), quoted(path)))
    schema = req.tools[name]
    args = {first_key(schema, ["file_path", "filePath", "path", "absolute_path"], "path"): path}
    if action == "write_file":
        args[first_key(schema, ["content", "contents", "text"], "content")] = spec["content"]
    return name, fill_required(schema, args)


def wait_step(req):
    """Waits for commands that the client handed back while they still run."""
    return {"calls": [{"tool": WAIT_TOOL, "args": {"session_id": int(session),
                                                   "yield_time_ms": 60000}}
                      for session in req.running]}


# ---------------------------------------------------------------- scenarios ---


FREE = {"input": 0, "output": 0, "cache_read": 0, "cache_write": 0, "reasoning": 0}


class Reply:
    """What the model says in one turn.  usage.input excludes cached tokens."""

    def __init__(self, text="", thinking="", calls=(), usage=None):
        self.text, self.thinking, self.calls = text, thinking, list(calls)
        self.usage = dict(FREE, input=100, output=20)
        self.usage.update(usage or {})


# Requests a client makes on its own account (titles, summaries, memory).  They
# repeat the user's prompt, so without this they would use up scripted errors.
SIDE_REQUESTS = ["You are a title generator",                # opencode
                 "managed memory extraction subagent",       # qwen
                 "[SUGGESTION MODE:"]                        # claude


TOP_KEYS = {"defaults", "fallback", "side_requests", "scenarios"}
SCENARIO_KEYS = {"name", "match", "steps", "repeat"}
MATCH_KEYS = {"user", "system", "any", "model", "protocol", "regex"}
CALL_KEYS = {"tool", "args"} | set(ACTIONS)
STEP_KEYS = CALL_KEYS | {"text", "thinking", "calls", "usage", "error", "delay_ms",
                         "chunk_delay_ms", "hang", "drop"}


def check_keys(what, data, allowed):
    unknown = sorted(k for k in set(data) - allowed if not k.startswith("_"))
    if unknown:
        raise ScenarioError("%s: unknown key %s (allowed: %s)" % (
            what, ", ".join(unknown), ", ".join(sorted(allowed))))


def check_script(data):
    """Refuse misspelt scenario files early; keys that start with _ are comments."""
    check_keys("scenario file", data, TOP_KEYS)
    for i, sc in enumerate(data.get("scenarios", [])):
        what = "scenario %r" % sc.get("name", i)
        check_keys(what, sc, SCENARIO_KEYS)
        check_keys(what + " match", sc.get("match", {}), MATCH_KEYS)
        for n, step in enumerate(sc.get("steps", [])):
            check_keys("%s step %d" % (what, n), step, STEP_KEYS)
            for call in step.get("calls", []):
                check_keys("%s step %d call" % (what, n), call, CALL_KEYS)


class Script:
    """The scenario file and the error counters."""

    def __init__(self, data):
        check_script(data)
        self.defaults = data.get("defaults", {})
        fallback = data.get("fallback", "ok")
        self.fallback = {"text": fallback} if isinstance(fallback, str) else fallback
        self.side = SIDE_REQUESTS + data.get("side_requests", [])
        self.scenarios = data.get("scenarios", [])
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.attempts = {}

    def select(self, req):
        """-> (scenario name, step index, step dict with variables filled in)."""
        if any(s in req.system or s in req.prompt for s in self.side):
            return "(side request)", 0, {"text": "ok", "usage": FREE}
        for i, sc in enumerate(self.scenarios):
            variables = self.matches(sc.get("match", {}), req)
            if variables is None:
                continue
            if req.running:
                return sc.get("name", "scenario-%d" % i), req.round, wait_step(req)
            steps = sc.get("steps", [])
            variables.update(cwd=req.cwd, model=req.model, prompt=req.prompt,
                             tool_result=req.tool_result)
            step = self.step_at(steps, req.round, sc.get("repeat", False))
            return sc.get("name", "scenario-%d" % i), req.round, fill(step, variables)
        return None, req.round, self.fallback

    def step_at(self, steps, index, is_repeated):
        """The step of this round; behind the last one that one again, or the fallback."""
        if index < len(steps):
            return steps[index]
        return steps[-1] if is_repeated and steps else self.fallback

    @staticmethod
    def matches(match, req):
        fields = {"user": req.prompt, "system": req.system, "any": req.system + req.transcript,
                  "model": req.model, "protocol": req.protocol}
        for key, haystack in fields.items():
            wanted = match.get(key, [])
            for needle in [wanted] if isinstance(wanted, str) else wanted:
                if needle not in haystack:
                    return None
        variables = {}
        if "regex" in match:
            m = re.search(match["regex"], req.prompt, re.S)
            if not m:
                return None
            variables = {k: v or "" for k, v in m.groupdict().items()}
        return variables

    def error_for(self, name, index, step, req):
        """The scripted HTTP error due now for this step, or None."""
        err = step.get("error")
        if err is None:
            return None
        if isinstance(err, int):
            err = {"status": err}
        key = (name, index, "" if err.get("per") == "scenario" else req.prompt)
        with self.lock:
            n = self.attempts[key] = self.attempts.get(key, 0) + 1
        return err if n <= err.get("times", 1 << 30) else None

    def reply(self, step, req):
        calls, text = [], step.get("text", "")
        for item in [step] + step.get("calls", []):
            if "tool" in item:
                calls.append((item["tool"], item.get("args", {})))
            for action in ACTIONS:
                if action in item:
                    call = action_call(req, action, item[action])
                    if call:
                        calls.append(call)
                    else:
                        text = json.dumps(item[action])
        usage = dict(self.defaults.get("usage", {}), **step.get("usage", {}))
        return Reply(text, step.get("thinking", ""), calls, usage)


def fill(value, variables):
    if isinstance(value, str):
        return re.sub(r"\{\{(\w+)\}\}", lambda m: str(variables.get(m.group(1), m.group(0))), value)
    if isinstance(value, list):
        return [fill(v, variables) for v in value]
    if isinstance(value, dict):
        return {k: fill(v, variables) for k, v in value.items()}
    return value


# ---------------------------------------------------------------- rendering ---
# Each render_* yields (sse event name or None, JSON data) for a streamed reply;
# each *_body gives the same reply as one JSON document.


def new_id(prefix):
    return prefix + uuid.uuid4().hex[:24]


def pieces(text, n=24):
    return [text[i:i + n] for i in range(0, len(text), n)]


def anthropic_usage(u):
    return {"input_tokens": u["input"], "output_tokens": u["output"],
            "cache_read_input_tokens": u["cache_read"],
            "cache_creation_input_tokens": u["cache_write"]}


def anthropic_blocks(rep):
    blocks = []
    if rep.thinking:
        blocks.append({"type": "thinking", "thinking": rep.thinking, "signature": "bW9jaw=="})
    if rep.text or not rep.calls:
        blocks.append({"type": "text", "text": rep.text})
    for name, args in rep.calls:
        blocks.append({"type": "tool_use", "id": new_id("toolu_"), "name": name, "input": args})
    return blocks


def anthropic_body(req, rep):
    return {"id": new_id("msg_"), "type": "message", "role": "assistant", "model": req.model,
            "content": anthropic_blocks(rep), "stop_sequence": None,
            "stop_reason": "tool_use" if rep.calls else "end_turn",
            "usage": anthropic_usage(rep.usage)}


def render_anthropic(req, rep):
    whole = anthropic_body(req, rep)
    start = dict(whole, content=[], stop_reason=None)
    start["usage"] = dict(whole["usage"], output_tokens=1)
    yield "message_start", {"type": "message_start", "message": start}
    for i, block in enumerate(whole["content"]):
        kind = block["type"]
        if kind == "tool_use":
            head, deltas = dict(block, input={}), [
                {"type": "input_json_delta", "partial_json": p}
                for p in pieces(json.dumps(block["input"]), 64)]
        elif kind == "thinking":
            head = {"type": "thinking", "thinking": "", "signature": ""}
            deltas = [{"type": "thinking_delta", "thinking": p} for p in pieces(block["thinking"])]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        else:
            head = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": p} for p in pieces(block["text"])]
        yield "content_block_start", {"type": "content_block_start", "index": i,
                                      "content_block": head}
        for d in deltas:
            yield "content_block_delta", {"type": "content_block_delta", "index": i, "delta": d}
        yield "content_block_stop", {"type": "content_block_stop", "index": i}
    yield "message_delta", {"type": "message_delta", "usage": whole["usage"],
                            "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": None}}
    yield "message_stop", {"type": "message_stop"}


def responses_body(req, rep):
    u, out = rep.usage, []
    if rep.thinking:
        out.append({"type": "reasoning", "id": new_id("rs_"), "encrypted_content": "bW9jaw==",
                    "summary": [{"type": "summary_text", "text": rep.thinking}]})
    if rep.text or not rep.calls:
        out.append({"type": "message", "id": new_id("msg_"), "role": "assistant",
                    "status": "completed",
                    "content": [{"type": "output_text", "text": rep.text, "annotations": []}]})
    for name, args in rep.calls:
        if name in req.custom_tools:
            item = {"type": "custom_tool_call", "input": args if isinstance(args, str)
                    else args.get("input", json.dumps(args))}
        else:
            item = {"type": "function_call", "arguments": json.dumps(args)}
        item.update(id=new_id("fc_"), call_id=new_id("call_"), name=name, status="completed")
        if name in req.namespaces:
            item["namespace"] = req.namespaces[name]
        out.append(item)
    total_in = u["input"] + u["cache_read"]
    return {"id": new_id("resp_"), "object": "response", "created_at": int(time.time()),
            "status": "completed", "model": req.model, "output": out, "error": None,
            "incomplete_details": None, "parallel_tool_calls": True, "tool_choice": "auto",
            "tools": [], "usage": {
                "input_tokens": total_in,
                "input_tokens_details": {"cached_tokens": u["cache_read"]},
                "output_tokens": u["output"],
                "output_tokens_details": {"reasoning_tokens": u["reasoning"]},
                "total_tokens": total_in + u["output"]}}


def render_responses(req, rep):
    whole = responses_body(req, rep)
    seq = iter(range(1 << 30))

    def ev(kind, **fields):
        return kind, dict(fields, type=kind, sequence_number=next(seq))

    yield ev("response.created",
             response=dict(whole, status="in_progress", output=[], usage=None))
    for i, item in enumerate(whole["output"]):
        yield ev("response.output_item.added", output_index=i,
                 item=dict(item, **({"content": []} if item["type"] == "message" else {})))
        if item["type"] == "message":
            part = item["content"][0]
            at = dict(item_id=item["id"], output_index=i, content_index=0)
            yield ev("response.content_part.added", part=dict(part, text=""), **at)
            for p in pieces(part["text"]):
                yield ev("response.output_text.delta", delta=p, **at)
            yield ev("response.output_text.done", text=part["text"], **at)
            yield ev("response.content_part.done", part=part, **at)
        elif item["type"] == "reasoning":
            at = dict(item_id=item["id"], output_index=i, summary_index=0)
            for p in pieces(item["summary"][0]["text"]):
                yield ev("response.reasoning_summary_text.delta", delta=p, **at)
            yield ev("response.reasoning_summary_text.done",
                     text=item["summary"][0]["text"], **at)
        elif item["type"] == "function_call":
            at = dict(item_id=item["id"], output_index=i)
            yield ev("response.function_call_arguments.delta", delta=item["arguments"], **at)
            yield ev("response.function_call_arguments.done", arguments=item["arguments"], **at)
        yield ev("response.output_item.done", output_index=i, item=item)
    yield ev("response.completed", response=whole)


def chat_usage(u):
    total_in = u["input"] + u["cache_read"]
    return {"prompt_tokens": total_in, "completion_tokens": u["output"],
            "total_tokens": total_in + u["output"],
            "prompt_tokens_details": {"cached_tokens": u["cache_read"]},
            "completion_tokens_details": {"reasoning_tokens": u["reasoning"]}}


def chat_body(req, rep):
    message = {"role": "assistant", "content": rep.text or None}
    if rep.thinking:
        message["reasoning_content"] = rep.thinking
    if rep.calls:
        message["tool_calls"] = [
            {"id": new_id("call_"), "type": "function",
             "function": {"name": n, "arguments": json.dumps(a)}} for n, a in rep.calls]
    return {"id": new_id("chatcmpl-"), "object": "chat.completion", "created": int(time.time()),
            "model": req.model, "usage": chat_usage(rep.usage),
            "choices": [{"index": 0, "message": message,
                         "finish_reason": "tool_calls" if rep.calls else "stop"}]}


def render_chat(req, rep):
    whole = chat_body(req, rep)
    message = whole["choices"][0]["message"]

    def chunk(delta, finish=None):
        return None, {"id": whole["id"], "object": "chat.completion.chunk",
                      "created": whole["created"], "model": req.model,
                      "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}

    yield chunk({"role": "assistant", "content": ""})
    for p in pieces(rep.thinking):
        yield chunk({"reasoning_content": p})
    for p in pieces(rep.text):
        yield chunk({"content": p})
    for i, call in enumerate(message.get("tool_calls", [])):
        yield chunk({"tool_calls": [dict(call, index=i, function={
            "name": call["function"]["name"], "arguments": ""})]})
        for p in pieces(call["function"]["arguments"], 64):
            yield chunk({"tool_calls": [{"index": i, "function": {"arguments": p}}]})
    yield chunk({}, whole["choices"][0]["finish_reason"])
    last = chunk({})[1]
    yield None, dict(last, choices=[], usage=whole["usage"])
    yield None, "[DONE]"


def gemini_body(req, rep, parts=None, final=True):
    u = rep.usage
    if parts is None:
        parts = list(gemini_parts(rep))
    body = {"candidates": [{"index": 0, "content": {"role": "model", "parts": parts}}],
            "modelVersion": req.model, "responseId": new_id("resp-"),
            "usageMetadata": {
                "promptTokenCount": u["input"] + u["cache_read"],
                "cachedContentTokenCount": u["cache_read"],
                "candidatesTokenCount": u["output"], "thoughtsTokenCount": u["reasoning"],
                "totalTokenCount": u["input"] + u["cache_read"] + u["output"] + u["reasoning"]}}
    if final:
        body["candidates"][0]["finishReason"] = "STOP"
    return body


def gemini_parts(rep):
    if rep.thinking:
        yield {"text": rep.thinking, "thought": True}
    for p in pieces(rep.text):
        yield {"text": p}
    for name, args in rep.calls:
        yield {"functionCall": {"id": new_id("fc-"), "name": name, "args": args}}


def render_gemini(req, rep):
    parts = list(gemini_parts(rep)) or [{"text": ""}]
    for i, part in enumerate(parts):
        yield None, gemini_body(req, rep, [part], final=i == len(parts) - 1)


RENDER = {"anthropic": (render_anthropic, anthropic_body),
          "responses": (render_responses, responses_body),
          "chat": (render_chat, chat_body),
          "gemini": (render_gemini, gemini_body)}

ERROR_TYPES = {400: "invalid_request_error", 401: "authentication_error",
               403: "permission_error", 404: "not_found_error", 413: "request_too_large",
               429: "rate_limit_error", 529: "overloaded_error"}
GEMINI_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED",
                 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}


def error_body(protocol, status, message):
    if protocol == "gemini":
        return {"error": {"code": status, "message": message,
                          "status": GEMINI_STATUS.get(status, "UNKNOWN")}}
    kind = ERROR_TYPES.get(status, "api_error")
    if protocol == "anthropic":
        return {"type": "error", "error": {"type": kind, "message": message},
                "request_id": new_id("req_")}
    return {"error": {"type": kind, "code": None, "param": None, "message": message}}


# ------------------------------------------------------------------- server ---


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "model_server"

    def log_message(self, *args):
        pass

    # -- plumbing

    def send_json(self, status, data, headers=()):
        raw = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.send_header("request-id", new_id("req_"))
        for k, v in headers:
            self.send_header(k, str(v))
        self.end_headers()
        self.wfile.write(raw)

    def read_body(self):
        if "chunked" in (self.headers.get("transfer-encoding") or "").lower():
            out = b""
            while True:
                size = int(self.rfile.readline().split(b";")[0] or b"0", 16)
                out += self.rfile.read(size)
                self.rfile.readline()
                if not size:
                    return out
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def client_gone(self):
        try:
            ready, _, _ = select.select([self.connection], [], [], 0)
            return bool(ready) and not self.connection.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def pause(self, seconds):
        """Sleep, but give up as soon as the client hangs up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.client_gone():
                raise BrokenPipeError
            time.sleep(min(0.05, max(0.0, end - time.monotonic())))

    # -- routes

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self):
        app, path = self.server.app, self.path.split("?")[0]
        if path == "/__server/health":
            return self.send_json(200, {"ok": True})
        if path == "/__server/requests":
            with app.lock:
                return self.send_json(200, app.requests)
        if path.endswith("/models"):
            return self.send_json(200, {"object": "list", "data": [], "models": []})
        app.note({"method": "GET", "path": self.path, "status": 404})
        self.send_json(404, error_body("chat", 404, "no such path: " + path))

    def do_POST(self):
        raw, path = self.read_body(), self.path.split("?")[0]
        app = self.server.app
        if path == "/__server/reset":
            app.reset()
            return self.send_json(200, {"ok": True})
        try:
            body = json.loads(raw or b"{}")
        except ValueError:
            return self.send_json(400, error_body("chat", 400, "body is not JSON"))
        if path.endswith("/count_tokens"):
            return self.send_json(200, {"input_tokens": len(raw) // 4})
        if path.endswith(":countTokens"):
            return self.send_json(200, {"totalTokens": len(raw) // 4})
        gemini = re.search(r"/models/([^/:]+):(streamGenerateContent|generateContent)$", path)
        try:
            if path.endswith("/messages"):
                req = parse_anthropic(body)
            elif path.endswith("/responses"):
                req = parse_responses(body)
            elif path.endswith("/chat/completions"):
                req = parse_chat(body)
            elif gemini:
                req = parse_gemini(body, gemini.group(1), gemini.group(2).startswith("stream"))
            else:
                app.note({"method": "POST", "path": self.path, "status": 404})
                return self.send_json(404, error_body("chat", 404, "no such path: " + path))
        except (AttributeError, TypeError, KeyError) as e:
            return self.send_json(400, error_body("chat", 400, "cannot read request: %r" % e))
        try:
            self.answer(req, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(self, req, body):
        app = self.server.app
        name, index, step = app.script.select(req)
        entry = {"time": round(time.time(), 3), "path": self.path, "protocol": req.protocol,
                 "model": req.model, "stream": bool(req.stream), "scenario": name, "step": index,
                 "cwd": req.cwd, "prompt": req.prompt, "tools": sorted(req.tools), "status": 200}
        if req.tool_result:
            entry["tool_result"] = req.tool_result
        if app.log_bodies:
            entry["body"] = body
        error = app.script.error_for(name, index, step, req)
        delay = step.get("delay_ms", app.script.defaults.get("delay_ms", 0)) / 1000.0
        if error:
            status = entry["status"] = error["status"]
            app.note(entry)
            self.pause(delay)
            headers = [("retry-after", error["retry_after"])] if "retry_after" in error else []
            message = error.get("message", "scripted error %d" % status)
            return self.send_json(status, error_body(req.protocol, status, message), headers)
        try:
            rep = app.script.reply(step, req)
        except ScenarioError as e:
            entry.update(status=400, scenario_error=str(e))
            app.note(entry)
            return self.send_json(400, error_body(req.protocol, 400, "model_server: %s" % e))
        entry["calls"] = [n for n, _ in rep.calls]
        app.note(entry)
        self.pause(delay)
        render, whole = RENDER[req.protocol]
        if not req.stream:
            if step.get("drop"):              # cut the connection before a byte of it
                raise BrokenPipeError
            return self.send_json(200, whole(req, rep))
        self.stream(render(req, rep), step)

    def stream(self, events, step):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("cache-control", "no-cache")
        self.send_header("request-id", new_id("req_"))
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        gap = step.get("chunk_delay_ms", 0) / 1000.0
        for n, (event, data) in enumerate(events):
            if n == 2 and step.get("drop"):        # cut the connection mid-stream
                return
            if n == 2 and step.get("hang"):        # go silent mid-stream
                self.pause(1e9)
            text = data if isinstance(data, str) else json.dumps(data)
            line = ("event: %s\n" % event if event else "") + "data: %s\n\n" % text
            self.wfile.write(line.encode())
            self.wfile.flush()
            if gap:
                self.pause(gap)


class App:
    def __init__(self, script, log=None, log_bodies=False):
        self.script, self.log, self.log_bodies = script, log, log_bodies
        self.lock, self.requests = threading.Lock(), []

    def note(self, entry):
        with self.lock:
            self.requests.append(entry)
            if self.log:
                self.log.write(json.dumps(entry) + "\n")
                self.log.flush()

    def reset(self):
        with self.lock:
            self.requests = []
        self.script.reset()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def main():
    ap = argparse.ArgumentParser(description="scripted model API server")
    ap.add_argument("scenarios", help="scenario file (JSON)")
    ap.add_argument("--port", type=int, default=0, help="default: any free port")
    ap.add_argument("--port-file", help="write the port number here once listening")
    ap.add_argument("--log", help="append one JSON line per model request")
    ap.add_argument("--log-bodies", action="store_true", help="include request bodies in the log")
    ap.add_argument("--exit-on-stdin-eof", action="store_true",
                    help="stop when stdin closes (dies with its parent)")
    a = ap.parse_args()
    try:
        with open(a.scenarios, encoding="utf-8") as f:
            script = Script(json.load(f))
    except (OSError, ValueError, ScenarioError) as e:
        sys.exit("model_server: %s: %s" % (a.scenarios, e))
    log = open(a.log, "a", encoding="utf-8") if a.log else None
    server = Server(("127.0.0.1", a.port), Handler)
    server.app = App(script, log, a.log_bodies)
    port = server.server_address[1]
    if a.port_file:
        with open(a.port_file + ".tmp", "w") as f:
            f.write("%d\n" % port)
        os.rename(a.port_file + ".tmp", a.port_file)
    print("listening on http://127.0.0.1:%d" % port, flush=True)
    if a.exit_on_stdin_eof:
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
