import assert from "node:assert/strict";
import { execa } from "execa";
import fc from "fast-check";
import { whichCookieScript } from "../../../components/kubeflow/login/previous-proxy.ts";
import { tokenScript, type TokenFilter } from "../../../components/kubeflow/login/token-filter.ts";
import { ensureDebian, hasApt } from "../../../tools/debian.ts";
import { notRun } from "../../support/not-run.ts";

type Headers = Readonly<Record<string, string>>;

/** What Envoy gives a script, as far as ours use it; then the script, and the headers that are left of each request. */
const harness = (script: string, requests: readonly Headers[]): string => `${script}
local requests = {${requests
  .map(
    (headers) =>
      `{${Object.entries(headers)
        .map(([key, value]) => `[${lua(key)}] = ${lua(value)}`)
        .join(", ")}}`,
  )
  .join(", ")}}
for _, request in ipairs(requests) do
  local headers = {
    get = function(_, key) return request[key] end,
    remove = function(_, key) request[key] = nil end,
    replace = function(_, key, value) request[key] = value end,
    add = function(_, key, value) request[key] = value end,
  }
  envoy_on_request({ headers = function() return headers end })
  local keys = {}
  for key in pairs(request) do keys[#keys + 1] = key end
  table.sort(keys)
  for _, key in ipairs(keys) do io.write(key, "\\t", request[key], "\\n") end
  io.write("\\n")
end
`;

/** Any text, by its bytes. */
function lua(text: string): string {
  return `"${[...Buffer.from(text)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;
}

describe("what the gateway's filters leave of a request", function () {
  this.timeout(120_000);
  /** LuaJIT, which Envoy has. */
  let luajit: { readonly file: string; readonly env: Readonly<Record<string, string>> };

  before(async function () {
    if (!(await hasApt())) notRun(this, "the filters' Lua: LuaJIT comes by apt-get, which is not on PATH");
    const { root, env } = await ensureDebian(["luajit"], () => undefined);
    luajit = { file: `${root}/usr/bin/luajit`, env };
  });

  const run = async (script: string, requests: readonly Headers[]): Promise<readonly Headers[]> => {
    const { stdout } = await execa(luajit.file, ["-"], {
      input: harness(script, requests),
      env: luajit.env,
      stripFinalNewline: false,
    });
    return stdout
      .split("\n\n")
      .slice(0, requests.length)
      .map((block) => Object.fromEntries(block.split("\n").map((line) => line.split("\t") as [string, string])));
  };

  const filter: TokenFilter = {
    cookies: ["login", "login-old"],
    host: "kubeflow.example.com",
    tokenToWorkloads: false,
  };
  const visit = { ":authority": "kubeflow.example.com", authorization: "Bearer token" };

  it("a notebook gets neither cookie nor token, and the rest of the request as it was", async () => {
    const cookie = "a=1; login=x; login_0=y; login_csrf=z; login-old=w; loginx=2; xlogin=3; b=login=4";
    const path = "/notebook/ns/n/api";
    const [left] = await run(tokenScript(filter), [{ ...visit, ":path": path, cookie, "kubeflow-userid": "a@b.co" }]);
    assert.deepEqual(left, {
      ...{ ":authority": visit[":authority"], ":path": path, "kubeflow-userid": "a@b.co" },
      cookie: "a=1; loginx=2; xlogin=3; b=login=4",
    });
  });

  it("Kubeflow's own apps get the token and no cookie, and oauth2-proxy itself gets its cookie", async () => {
    const requests = [
      { ...visit, ":path": "/pipeline/apis/v2beta1/runs", cookie: "login=x" },
      { ...visit, ":path": "/oauth2/sign_out", cookie: "login=x" },
    ];
    const [app, proxy] = await run(tokenScript(filter), requests);
    assert.deepEqual(app, { ...visit, ":path": "/pipeline/apis/v2beta1/runs" });
    assert.deepEqual(proxy, requests[1]);
  });

  it("a model on a host of its own gets no token, unless the settings say so", async () => {
    const request = { ...visit, ":authority": "model.ns.example.com", ":path": "/v1/models/m:predict" };
    const [without] = await run(tokenScript(filter), [request]);
    assert.equal(without?.["authorization"], undefined);
    const [withToken] = await run(tokenScript({ ...filter, tokenToWorkloads: true }), [request]);
    assert.equal(withToken?.["authorization"], "Bearer token");
    const [own] = await run(tokenScript(filter), [{ ...request, ":authority": "Kubeflow.example.com:443" }]);
    assert.equal(own?.["authorization"], "Bearer token");
  });

  it("nothing of the login is left in any cookies, and every other cookie is", async () => {
    const text = fc.stringMatching(/^[A-Za-z0-9_=%.-]{0,12}$/);
    const other = fc.tuple(fc.stringMatching(/^[a-k][a-z]{0,5}$/), text).map(([key, value]) => `${key}=${value}`);
    const ours = fc
      .tuple(
        fc.constantFrom("login", "login_0", "login_17", "login_csrf", "login_csrf_ab", "login-old", "login-old_1"),
        text,
      )
      .map(([key, value]) => `${key}=${value}`);
    const separator = fc.constantFrom("; ", ";", " ;  ", ";;", ",");
    const header = fc.tuple(fc.array(fc.oneof(other, ours), { maxLength: 8 }), separator);
    const samples = fc.sample(header, { numRuns: 300, seed: 7 }).filter(([cookies]) => cookies.length > 0);
    const left = await run(
      tokenScript(filter),
      samples.map(([cookies, between]) => ({ ":path": "/", cookie: cookies.join(between) })),
    );
    for (const [index, [cookies]] of samples.entries()) {
      const kept = cookies.filter((cookie) => !cookie.startsWith("login"));
      assert.equal(left[index]?.["cookie"] ?? "", kept.join("; "));
    }
  });

  it("who has the older cookie only goes to the older oauth2-proxy, and nobody can say so himself", async () => {
    const script = whichCookieScript(["login-new", "login"]);
    const cases: readonly (readonly [string | undefined, string | undefined])[] = [
      ["login=a", "previous"],
      ["a=b; login_0=x; login_1=y", "previous"],
      ["login=a; login-new=b", undefined],
      ["login=a; login-new_0=b", undefined],
      // A login under way is no session.
      ["login=a; login-new_csrf=b", "previous"],
      ["login_csrf=a", undefined],
      ["xlogin=a; a=login=b", undefined],
      [undefined, undefined],
    ];
    const requests = cases.map(([cookie]) => ({
      ...{ ":path": "/", "x-kubeflow-login": "previous" },
      ...(cookie === undefined ? {} : { cookie }),
    }));
    const left = await run(script, requests);
    assert.deepEqual(
      left.map((headers) => headers["x-kubeflow-login"]),
      cases.map(([, to]) => to),
    );
  });
});
