// SPDX-License-Identifier: MIT
#include "acp/permission.hpp"

#include <catch2/catch.hpp>

using namespace konductor::acp;

namespace {

Rights rights_of(bool may_write, bool may_shell) {
  Rights rights;
  rights.may_write = may_write;
  rights.may_shell = may_shell;
  rights.workspace = "/srv/tree";
  rights.writable = {"/var/cache/x"};
  rights.output = "/srv/tree/.konductor/runs/r/output.md";
  return rights;
}

// Links: /srv/tree/out leads outside, /srv/tree/self inside.
std::optional<std::string> resolve(const std::string& path) {
  if (path.find("unknown") != std::string::npos) return std::nullopt;
  const std::string out = "/srv/tree/out/";
  if (path.rfind(out, 0) == 0) return "/etc/" + path.substr(out.size());
  if (path == "/srv/tree/../x") return "/srv/x";
  return path;
}

bool is_allowed(const Json& told, const Rights& rights) {
  ToolCall call;
  describe(call, told);
  return decide(call, rights, resolve).is_allowed;
}

Json edit(const std::string& path) {
  const Json location = {{"path", path}};
  return {{"toolCallId", "1"}, {"kind", "edit"}, {"locations", Json::array({location})}};
}

}  // namespace

TEST_CASE("permission follows from the kind of call and the rights of the role") {
  const auto [kind, writer, editor, reviewer, reader] =
      GENERATE(table<std::string, bool, bool, bool, bool>({
          // Write and shell, write only, shell only, neither.
          {"read", true, true, true, true},
          {"search", true, true, true, true},
          {"think", true, true, true, true},
          {"edit", true, false, false, false},
          {"delete", true, false, false, false},
          {"move", true, false, false, false},
          {"execute", true, false, true, false},
          {"fetch", true, false, true, false},
          {"switch_mode", false, false, false, false},
          {"other", true, false, false, false},
          {"", true, false, false, false},
          {"never_heard_of", true, false, false, false},
      }));
  INFO(kind);
  const Json call = {{"toolCallId", "1"}, {"kind", kind}};
  CHECK(is_allowed(call, rights_of(true, true)) == writer);
  CHECK(is_allowed(call, rights_of(true, false)) == editor);
  CHECK(is_allowed(call, rights_of(false, true)) == reviewer);
  CHECK(is_allowed(call, rights_of(false, false)) == reader);
}

TEST_CASE("files are changed inside of the workspace only") {
  const auto [path, is_inside] = GENERATE(table<std::string, bool>({
      {"/srv/tree/a.txt", true},
      {"a.txt", true},
      {"/var/cache/x/y", true},
      {"/srv/tree", true},
      {"/srv/tree2/a.txt", false},
      {"/work", false},
      {"/etc/passwd", false},
      {"../x", false},
      {"out/passwd", false},
      {"/srv/tree/.git/config", false},
      {"sub/.git/hooks/x", false},
      {"unknown", false},
      {"", false},
      {std::string("a\0b", 3), false},
  }));
  INFO(path);
  CHECK(is_allowed(edit(path), rights_of(true, true)) == is_inside);
  CHECK(is_allowed(edit(path), rights_of(true, false)) == is_inside);
  CHECK_FALSE(is_allowed(edit(path), rights_of(false, true)));
}

TEST_CASE("the document may be written by every role") {
  const Rights reader = rights_of(false, false);
  CHECK(is_allowed(edit(reader.output), reader));
  Json two = edit(reader.output);
  two["rawInput"] = {{"file_path", "/srv/tree/a.txt"}};
  CHECK_FALSE(is_allowed(two, reader));
}

TEST_CASE("every way to name a path counts") {
  const Rights writer = rights_of(true, true);
  const Json outside = "/etc/passwd";
  Json call = edit("a.txt");
  SECTION("locations") {
    call["locations"].push_back({{"path", outside}});
  }
  SECTION("a change that is shown") {
    call["content"] = Json::array({{{"type", "diff"}, {"path", outside}}});
  }
  SECTION("input") {
    const char* key = GENERATE("path", "file_path", "filepath", "filePath", "absolute_path",
                               "notebook_path", "newPath", "destination");
    call["rawInput"][key] = outside;
  }
  SECTION("lists of the input") {
    call["rawInput"]["paths"] = Json::array({outside});
  }
  SECTION("edits of the input") {
    call["rawInput"]["edits"] = Json::array({{{"file_path", outside}}});
  }
  SECTION("changes by path") {
    call["rawInput"]["changes"]["/etc/passwd"] = Json::object();
  }
  CHECK_FALSE(is_allowed(call, writer));
}

TEST_CASE("a call that shows a change is one, whatever it calls itself") {
  Json call = {{"toolCallId", "1"}, {"kind", "read"}};
  call["content"] = Json::array({{{"type", "diff"}, {"path", "/srv/tree/a"}}});
  CHECK_FALSE(is_allowed(call, rights_of(false, false)));
  CHECK(is_allowed(call, rights_of(true, false)));
}

TEST_CASE("what an update said of a call counts when it is asked for") {
  ToolCalls calls;
  calls.on_update(edit("/etc/passwd"));
  const ToolCall known = calls.asked_for({{"toolCallId", "1"}});
  CHECK(known.kind == "edit");
  CHECK(known.paths.count("/etc/passwd") == 1);
  CHECK(calls.asked_for({{"toolCallId", "2"}}).kind.empty());
  for (int i = 0; i < 1000; ++i)
    calls.on_update({{"toolCallId", "more-" + std::to_string(i)}});
  CHECK(calls.asked_for({{"toolCallId", "1"}}).kind.empty());
}

TEST_CASE("an answer is chosen by the kind of the options and lasts once") {
  const auto option = [](const char* id, const char* kind) {
    return Json{{"optionId", id}, {"kind", kind}};
  };
  const Json all = Json::array({option("a", "allow_always"), option("b", "allow_once"),
                                option("c", "reject_always"), option("d", "reject_once")});
  const Decision yes = {true, ""};
  const Decision no = {false, "x"};
  CHECK(permission_result(all, yes).at("outcome").at("optionId") == "b");
  CHECK(permission_result(all, no).at("outcome").at("optionId") == "d");
  const Json some = Json::array({option("a", "allow_always"), option("c", "reject_always")});
  CHECK(permission_result(some, yes).at("outcome").at("optionId") == "c");
  const Json always = Json::array({option("a", "allow_always"), 3, nullptr});
  CHECK(permission_result(always, yes).at("outcome").at("outcome") == "cancelled");
  CHECK(permission_result(Json::array(), no).at("outcome").at("outcome") == "cancelled");
}
