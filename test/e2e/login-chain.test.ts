/**
 * The whole login with the real programs: a browser, oauth2-proxy and Dex with what `kubeflow:login` renders, and a real
 * directory behind. Dex and oauth2-proxy come from PATH; this project does not install them.
 */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "puppeteer-core";
import { hasApt } from "../../tools/debian.ts";
import { missingPrograms, startChain } from "../login/chain.ts";
import { passwordOf, searcher, startCompany, suffix } from "../login/directory.ts";
import { renderedDex, renderedProxyOfDex, type LoginInput } from "../login/rendered.ts";
import { startBrowser } from "../support/browser.ts";
import { notRun } from "../support/not-run.ts";

describe("login through the real Dex and the real oauth2-proxy", () => {
  let browser: Browser;
  let visit: BrowserContext;
  let page: Page;
  let url: string;
  const ends: (() => Promise<void>)[] = [];

  before(async function () {
    const missing = await missingPrograms();
    const lacking = [...missing, ...((await hasApt()) ? [] : ["apt-get"])];
    if (lacking.length > 0) notRun(this, `no ${lacking.join(" and no ")} on PATH: the whole chain was not tried`);
    const directory = await startCompany();
    ends.push(directory.stop);
    const settings: LoginInput = {
      localAdmin: false,
      connectors: {
        ldap: [
          {
            host: directory.tlsHost,
            rootCA: directory.certificates.ca,
            bindDN: searcher.dn,
            bindPassword: "ldap-searcher",
            userSearch: { baseDN: `ou=people,${suffix}`, filter: "(objectClass=person)" },
            groupSearch: {
              baseDN: `ou=groups,${suffix}`,
              userMatchers: [{ userAttr: "DN", groupAttr: "member", recursionGroupAttr: "member" }],
            },
          },
        ],
      },
    };
    const dex = renderedDex(settings);
    const connector = dex.connectors?.[0];
    assert.ok(connector?.type === "ldap" && connector.config.bindPW !== undefined);
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "kf-chain-"));
    ends.push(async () => await fs.rm(folder, { recursive: true }));
    const { certificates } = directory;
    const variables = { [connector.config.bindPW.slice(1)]: searcher.password };
    const chain = await startChain({ folder, certificates, dex, proxy: renderedProxyOfDex(settings), variables });
    ends.push(chain.stop);
    url = chain.url;
    browser = await startBrowser(certificates.certFile);
    ends.push(async () => await browser.close());
  });

  after(async () => {
    for (const end of ends.reverse()) await end();
  });

  beforeEach(async () => {
    visit = await browser.createBrowserContext();
    page = await visit.newPage();
    page.setDefaultTimeout(0);
  });

  afterEach(async () => {
    await visit.close();
  });

  const click = async (selector: string): Promise<void> => {
    await Promise.all([page.waitForNavigation(), page.click(selector)]);
  };
  const logIn = async (username: string, password: string): Promise<void> => {
    await page.goto(url);
    await click("button[type=submit]");
    await page.type("input[name=login]", username);
    await page.type("input[name=password]", password);
    await click("button[type=submit]");
  };
  /** What oauth2-proxy knows of whoever asks. */
  const whoAmI = async (): Promise<{ readonly status: number; readonly text: string }> => {
    const answer = await page.goto(`${url}/oauth2/userinfo`);
    return { status: answer?.status() ?? 0, text: (await answer?.text()) ?? "" };
  };

  it("lets a person of the directory in, with address and groups, and out again", async () => {
    await logIn("alice", passwordOf("alice"));
    const { status, text } = await whoAmI();
    assert.equal(status, 200, text);
    const who = JSON.parse(text) as { readonly email: string; readonly groups: readonly string[] };
    assert.equal(who.email, "alice@example.com");
    assert.deepEqual([...who.groups].sort(), ["everyone", "ring", "science", "team-a"]);
    await page.goto(`${url}/oauth2/sign_out`);
    assert.equal((await whoAmI()).status, 401);
  });

  it("refuses a wrong password, and a name that is more than a name", async () => {
    for (const [username, password] of [
      ["alice", "wrong"],
      ["*", passwordOf("alice")],
      ["alice)(uid=*", passwordOf("alice")],
    ] as const) {
      await logIn(username, password);
      assert.equal((await whoAmI()).status, 401, username);
    }
  });

  it("answers background requests with 401, and no redirect", async () => {
    const answer = await page.goto(`${url}/api/namespaces`);
    assert.equal(answer?.status(), 401);
  });
});
