#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of model_server.py itself: no agent CLI needed.  Run: python3 test_model_server.py"""
import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = {
    "defaults": {"usage": {"input": 10, "output": 5, "cache_read": 2}},
    "fallback": "nothing scripted",
    "scenarios": [
        {"match": {"regex": r"TASK-(?P<id>\d+)"},
         "steps": [{"text": "on it", "write_file": {"path": "t{{id}}.txt", "content": "c{{id}}"}},
                   {"text": "finished {{id}}: {{tool_result}}"}]},
        {"match": {"user": "PAIR"}, "steps": [{"calls": [{"shell": "true"}, {"shell": "false"}]},
                                              {"text": "pair done"}]},
        {"match": {"user": "LIMIT"}, "steps": [
            {"error": {"status": 429, "times": 2, "retry_after": 3}, "text": "recovered"}]},
        {"match": {"user": "REVIEW", "system": "be strict"},
         "steps": [{"structured": {"verdict": "pass"}}]},
        {"match": {"user": "CUT"}, "steps": [{"text": "x" * 200, "drop": True}]},
        {"match": {"user": "BUSY"}, "steps": [
            {"error": {"status": 529, "times": 2, "per": "scenario"}, "text": "calm"}]},
        {"match": {"user": "CIRCLE"}, "repeat": True, "steps": [{"text": "in"}, {"text": "round"}]},
    ]}


class ModelServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.TemporaryDirectory()
        path = os.path.join(cls.dir.name, "s.json")
        with open(path, "w") as f:
            json.dump(SCRIPT, f)
        cls.proc = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "model_server.py"), path, "--exit-on-stdin-eof"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.url = cls.proc.stdout.readline().split()[-1]
        cls.open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    @classmethod
    def tearDownClass(cls):
        cls.proc.stdin.close()
        assert cls.proc.wait(5) == 0
        cls.proc.stdout.close()
        cls.dir.cleanup()

    def setUp(self):
        self.post("/__server/reset", {})

    def post(self, path, body):
        req = urllib.request.Request(self.url + path, json.dumps(body).encode(),
                                     {"content-type": "application/json"})
        with self.open(req) as r:
            return r.read().decode()

    def events(self, path, body):
        lines = self.post(path, body).split("\n")
        return [json.loads(x[6:]) for x in lines if x.startswith("data: {")]

    def requests(self):
        with self.open(self.url + "/__server/requests") as r:
            return json.loads(r.read())

    # -- one prompt through each protocol: tool call, then the final text

    def test_anthropic(self):
        tools = [{"name": "Write", "input_schema": {
            "properties": {"file_path": {}, "content": {}}, "required": ["file_path", "content"]}}]
        messages = [{"role": "user", "content": [
            {"type": "text", "text": "<system-reminder>\n - Primary working directory: /w/x\n"
                                     "</system-reminder>"},
            {"type": "text", "text": "do TASK-7"}]}]
        body = {"model": "m", "stream": True, "tools": tools, "messages": messages}
        ev = self.events("/v1/messages?beta=true", body)
        self.assertEqual([e["type"] for e in ev][:2], ["message_start", "content_block_start"])
        self.assertEqual(ev[-1]["type"], "message_stop")
        args = json.loads("".join(e["delta"].get("partial_json", "") for e in ev
                                  if e["type"] == "content_block_delta"))
        self.assertEqual(args, {"file_path": "/w/x/t7.txt", "content": "c7"})
        delta = next(e for e in ev if e["type"] == "message_delta")
        self.assertEqual(delta["delta"]["stop_reason"], "tool_use")
        call = {"type": "tool_use", "id": "i", "name": "Write", "input": args}
        messages += [{"role": "assistant", "content": [call]},
                     {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "i",
                                                   "content": "written"}]}]
        whole = json.loads(self.post("/v1/messages", dict(body, stream=False)))
        self.assertEqual(whole["content"], [{"type": "text", "text": "finished 7: written"}])
        self.assertEqual(whole["usage"], {"input_tokens": 10, "output_tokens": 5,
                                          "cache_read_input_tokens": 2,
                                          "cache_creation_input_tokens": 0})
        # A session that goes on behind a refused request.
        messages[-1]["content"].append({"type": "text", "text": "go on with TASK-8"})
        whole = json.loads(self.post("/v1/messages", dict(body, stream=False)))
        self.assertEqual(whole["content"][-1]["input"], {"file_path": "/w/x/t8.txt",
                                                         "content": "c8"})

    def test_responses(self):
        tools = [{"type": "function", "name": "exec_command", "parameters": {
            "properties": {"cmd": {"type": "string"}}, "required": ["cmd"]}}]
        items = [{"type": "message", "role": "user", "content": [{
                     "type": "input_text",
                     "text": "<environment_context><cwd>/w/y</cwd></environment_context>"}]},
                 {"type": "message", "role": "user", "content": [
                     {"type": "input_text", "text": "TASK-8"}]}]
        body = {"model": "m", "stream": True, "tools": tools, "input": items}
        done = self.events("/v1/responses", body)[-1]["response"]
        call = done["output"][1]
        self.assertEqual(json.loads(call["arguments"])["cmd"],
                         "mkdir -p '/w/y' && printf %s 'c8' > '/w/y/t8.txt'")
        self.assertEqual(done["usage"]["input_tokens"], 12)
        items += [call, {"type": "function_call_output", "call_id": call["call_id"], "output": "k"}]
        done = self.events("/v1/responses", body)[-1]["response"]
        self.assertEqual(done["output"][0]["content"][0]["text"], "finished 8: k")

    def test_responses_waits_for_a_command_that_still_runs(self):
        tools = [{"type": "function", "name": name, "parameters": {"properties": {key: {}}}}
                 for name, key in (("exec_command", "cmd"), ("write_stdin", "session_id"))]
        items = [{"type": "message", "role": "user", "content": "TASK-9 in a while"}]
        body = {"model": "m", "stream": False, "tools": tools, "input": items}
        running = "Chunk ID: 1f\nProcess running with session ID 42\nOutput:\nbegun"
        ended = "Chunk ID: 2e\nProcess exited with code 0\nOutput:\nended"
        for answer in (running, running, ended):
            call = json.loads(self.post("/v1/responses", body))["output"][-1]
            items += [call, {"type": "function_call_output", "call_id": call["call_id"],
                             "output": answer}]
        self.assertEqual(call["name"], "write_stdin")
        self.assertEqual(json.loads(call["arguments"])["session_id"], 42)
        text = json.loads(self.post("/v1/responses", body))["output"][0]["content"][0]["text"]
        self.assertTrue(text.startswith("finished 9: Chunk ID: 1f\n"))
        self.assertTrue(text.endswith("\nbegun\n" + ended))
        # What a command prints says nothing of itself.
        items[2]["output"] = "Output:\nProcess running with session ID 42"
        del items[3:]
        output = json.loads(self.post("/v1/responses", body))["output"]
        self.assertEqual([item["type"] for item in output], ["message"])

    def test_chat(self):
        tools = [{"function": {"name": "write", "parameters": {
            "properties": {"filePath": {}, "content": {}}}}}]
        messages = [{"role": "system", "content": "Working directory: /w/z"},
                    {"role": "user", "content": "TASK-9"}]
        body = {"model": "m", "stream": True, "tools": tools, "messages": messages}
        ev = self.events("/v1/chat/completions", body)
        calls = [c for e in ev for ch in e["choices"] for c in ch["delta"].get("tool_calls", [])]
        self.assertEqual(calls[0]["function"]["name"], "write")
        self.assertEqual(json.loads("".join(c["function"]["arguments"] for c in calls)),
                         {"filePath": "/w/z/t9.txt", "content": "c9"})
        self.assertEqual(ev[-1]["usage"]["total_tokens"], 17)
        messages += [{"role": "assistant", "tool_calls": []}, {"role": "tool", "content": "k"}]
        text = "".join(ch["delta"].get("content", "") for e in self.events(
            "/v1/chat/completions", body) for ch in e["choices"])
        self.assertEqual(text, "finished 9: k")

    def test_gemini(self):
        tools = [{"functionDeclarations": [{"name": "write_file", "parametersJsonSchema": {
            "properties": {"file_path": {}, "content": {}}}}]}]
        contents = [{"role": "user", "parts": [{"text": "TASK-4"}]}]
        body = {"tools": tools, "contents": contents}
        path = "/v1beta/models/g:streamGenerateContent?alt=sse"
        parts = [p for e in self.events(path, body) for p in e["candidates"][0]["content"]["parts"]]
        self.assertEqual(parts[-1]["functionCall"]["args"],
                         {"file_path": "t4.txt", "content": "c4"})
        contents += [{"role": "model", "parts": parts}, {"role": "user", "parts": [
            {"functionResponse": {"response": {"output": "k"}}}]}]
        parts = [p for e in self.events(path, body) for p in e["candidates"][0]["content"]["parts"]]
        self.assertEqual("".join(p["text"] for p in parts), "finished 4: k")

    # -- behaviour

    def chat(self, prompt, tools=("bash",), system="", extra=()):
        reply = json.loads(self.post("/v1/chat/completions", {
            "model": "m", "tools": [{"function": {"name": t, "parameters": {}}} for t in tools],
            "messages": [{"role": "system", "content": system},
                         {"role": "user", "content": prompt}] + list(extra)}))
        return reply["choices"][0]["message"]

    def test_parallel_calls_are_one_round(self):
        self.assertEqual(len(self.chat("PAIR")["tool_calls"]), 2)
        results = [{"role": "assistant", "tool_calls": []},
                   {"role": "tool", "content": "1"}, {"role": "tool", "content": "2"}]
        self.assertEqual(self.chat("PAIR", extra=results)["content"], "pair done")

    def test_errors_are_counted_per_prompt(self):
        for prompt in ("LIMIT a", "LIMIT b"):
            for _ in range(2):
                with self.assertRaises(urllib.error.HTTPError) as e:
                    self.chat(prompt)
                self.assertEqual((e.exception.code, e.exception.headers["retry-after"]), (429, "3"))
                e.exception.close()
            self.assertEqual(self.chat(prompt)["content"], "recovered")

    def test_errors_may_be_counted_over_all_prompts_of_a_scenario(self):
        for prompt in ("BUSY a", "BUSY b"):
            with self.assertRaises(urllib.error.HTTPError) as e:
                self.chat(prompt)
            self.assertEqual(e.exception.code, 529)
            e.exception.close()
        self.assertEqual(self.chat("BUSY c")["content"], "calm")

    def test_a_scenario_may_repeat_its_last_step(self):
        messages = [{"role": "user", "content": "CIRCLE"}]
        for expected in ("in", "round", "round", "round"):
            body = json.loads(self.post("/v1/chat/completions", {"model": "m", "messages": messages}))
            self.assertEqual(body["choices"][0]["message"]["content"], expected)
            messages += [{"role": "assistant", "content": ""}, {"role": "tool", "content": "x"}]

    def test_structured(self):
        call = self.chat("REVIEW", tools=["structured_output"], system="be strict")["tool_calls"][0]
        self.assertEqual(json.loads(call["function"]["arguments"]), {"verdict": "pass"})
        self.assertEqual(self.chat("REVIEW", system="be strict")["content"], '{"verdict": "pass"}')
        self.assertEqual(self.chat("REVIEW", system="be nice")["content"], "nothing scripted")

    def test_action_without_a_tool_is_a_400_and_logged(self):
        with self.assertRaises(urllib.error.HTTPError) as e:
            self.chat("TASK-1", tools=["read"])
        self.assertIn("no shell tool", e.exception.read().decode())
        self.assertEqual(self.requests()[-1]["status"], 400)

    def test_drop_cuts_the_stream(self):
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "CUT"}]}
        self.assertNotIn("[DONE]", self.post("/v1/chat/completions", body))

    def test_drop_cuts_a_plain_reply_too(self):
        with self.assertRaises(OSError):
            self.chat("CUT")

    def test_side_request_does_not_play_the_script(self):
        self.assertEqual(self.chat("LIMIT c", system="You are a title generator.")["content"], "ok")
        self.assertEqual(self.requests()[-1]["scenario"], "(side request)")

    def test_misspelt_scenario_is_refused(self):
        path = os.path.join(self.dir.name, "bad.json")
        with open(path, "w") as f:
            json.dump({"scenarios": [{"steps": [{"txet": "x"}]}]}, f)
        p = subprocess.run([sys.executable, os.path.join(HERE, "model_server.py"), path],
                           capture_output=True, text=True)
        self.assertEqual(p.returncode, 1)
        self.assertIn("unknown key txet", p.stderr)


if __name__ == "__main__":
    unittest.main()
