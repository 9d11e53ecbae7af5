import assert from "node:assert/strict";
import { execa } from "execa";
import { groupHeader, groupHeadersScript } from "../../../components/kubeflow/tenants/group-headers.ts";
import { ensureDebian, hasApt } from "../../../tools/debian.ts";
import { notRun } from "../../support/not-run.ts";

const groups = ["science", 'a "quoted"\\ group', "数据", "]]..os.exit()--"];

/** Runs the script on one request, as Envoy would; prints the headers that are left, one a line. */
const harness = (metadata: string, headers: string): string => `${groupHeadersScript(groups, "cognito:groups")}
local request = ${headers}
local headers = {
  remove = function(_, key) request[key] = nil end,
  replace = function(_, key, value) request[key] = value end,
}
local metadata = { get = function(_, filter) if filter == "envoy.filters.http.jwt_authn" then return ${metadata} end end }
local info = { dynamicMetadata = function() return metadata end }
envoy_on_request({ headers = function() return headers end, streamInfo = function() return info end })
local lines = {}
for key, value in pairs(request) do lines[#lines + 1] = key .. "=" .. value end
table.sort(lines)
print(table.concat(lines, "\\n"))
`;

describe("what the gateway tells of a caller's groups", function () {
  this.timeout(120_000);
  /** LuaJIT, which Envoy has. */
  let luajit: { readonly file: string; readonly env: Readonly<Record<string, string>> };

  before(async function () {
    if (!(await hasApt())) notRun(this, "the headers' Lua: LuaJIT comes by apt-get, which is not on PATH");
    const { root, env } = await ensureDebian(["luajit"], () => undefined);
    luajit = { file: `${root}/usr/bin/luajit`, env };
  });

  const left = async (metadata: string, headers = "{}"): Promise<readonly string[]> => {
    const { stdout } = await execa(luajit.file, ["-"], { input: harness(metadata, headers), env: luajit.env });
    return stdout.split("\n").filter((line) => line !== "");
  };
  const member = (group: string): string => `${groupHeader(group)}=member`;

  it("is a header for each group of the token that has a tenant, and for no other", async () => {
    const token = `{["https://issuer"] = {["cognito:groups"] = {"science", "数据", "others"}, groups = {"]]..os.exit()--"}}}`;
    assert.deepEqual(await left(token), [member("science"), member("数据")].sort());
  });

  it("is the same under the other name that Istio keeps the token by, and for a claim with one group", async () => {
    assert.deepEqual(await left(`{payload = {["cognito:groups"] = "science"}}`), [member("science")]);
  });

  it("is nothing that a caller wrote himself, with a token or without", async () => {
    const forged = `{["${groupHeader("science")}"] = "member", kept = "yes"}`;
    assert.deepEqual(await left("nil", forged), ["kept=yes"]);
    assert.deepEqual(await left(`{payload = {["cognito:groups"] = {"others"}}}`, forged), ["kept=yes"]);
    assert.deepEqual(await left(`{payload = {email = "a@b"}}`, forged), ["kept=yes"]);
  });
});
