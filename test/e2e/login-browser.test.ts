/** People in a browser at a real OpenID provider, through what `kubeflow:login` renders for oauth2-proxy. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import getPort from "get-port";
import type { Browser, BrowserContext, Page } from "puppeteer-core";
import type { OAuth2ProxyConfig } from "../../components/kubeflow/login/oauth2-proxy-model.ts";
import { hasApt } from "../../tools/debian.ts";
import { startRelyingParty, type RelyingParty } from "../login/relying-party.ts";
import { renderedProxy } from "../login/rendered.ts";
import { startBrowser } from "../support/browser.ts";
import { issueCertificates } from "../support/certificates.ts";
import { startIssuer, type Issuer } from "../support/issuer.ts";
import { notRun } from "../support/not-run.ts";

const alice = { email: "alice@example.com", name: "Alice", password: "password of alice", groups: ["science"] };
const oscar = { email: "oscar@example.org", name: "Oscar", password: "password of oscar", groups: ["science"] };
const visitor = { email: "visitor@example.com", name: "Visitor", password: "password of visitor", groups: ["guests"] };

describe("login in a browser", () => {
  let browser: Browser;
  let issuer: Issuer;
  let party: RelyingParty;
  let config: OAuth2ProxyConfig;
  let url: string;
  let visit: BrowserContext;
  let page: Page;
  const ends: (() => Promise<void>)[] = [];

  before(async function () {
    if (!(await hasApt())) notRun(this, "no apt-get here, so no Chromium: nobody logged in");
    process.stdout.write(
      "    a small relying party stands where oauth2-proxy would, with its rendered configuration\n",
    );
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), "kf-browser-"));
    ends.push(async () => await fs.rm(folder, { recursive: true }));
    const certificates = await issueCertificates(folder);
    url = `https://localhost:${await getPort()}`;
    const client = { id: "kubeflow", secret: "a secret of the test" };
    issuer = await startIssuer({
      certificates,
      people: [alice, oscar, visitor],
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          redirect_uris: [`${url}/oauth2/callback`],
          post_logout_redirect_uris: [`${url}/`],
          token_endpoint_auth_method: "client_secret_post",
        },
      ],
    });
    ends.push(issuer.stop);
    config = renderedProxy({
      url,
      issuer: {
        url: issuer.url,
        clientId: client.id,
        clientSecret: "idp",
        groupsClaim: "groups",
        extraScopes: ["groups"],
      },
      allow: { emailDomains: ["example.com"], groups: ["science"] },
      session: { lifetime: "8h", logoutUrl: `${issuer.url}/session/end` },
    });
    party = await startRelyingParty({ config, client, secure: true, certificates });
    ends.push(party.stop);
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

  /** Follows what a click begins, to its last page. */
  const click = async (selector: string): Promise<void> => {
    await Promise.all([page.waitForNavigation(), page.click(selector)]);
  };
  const submit = async (email: string, password: string): Promise<void> => {
    await page.type("input[name=email]", email);
    await page.type("input[name=password]", password);
    await click("button[value=login]");
  };
  const logIn = async ({ email, password }: typeof alice, place = "/"): Promise<void> => {
    await page.goto(`${url}${place}`);
    await click("#login");
    await submit(email, password);
  };
  const text = async (selector: string): Promise<string | undefined> => {
    const found = `document.querySelector(${JSON.stringify(selector)})?.textContent`;
    return (await page.evaluate(found)) as string | undefined;
  };
  const sessionCookie = async () => (await visit.cookies()).find(({ name }) => name === config.cookie_name);

  it("asks people to log in, and sends nobody there who did not ask", async () => {
    const answer = await page.goto(`${url}/pipeline/`);
    assert.equal(answer?.status(), 403);
    assert.equal(await text("#login"), `Sign in with ${config.provider_display_name}`);
    const background = await page.evaluate(async () => (await fetch("/api/namespaces")).status);
    assert.equal(background, 401);
    assert.deepEqual(await visit.cookies(), []);
  });

  it("lets people in by the issuer, back to where they wanted, with the address and groups of the claims", async () => {
    await logIn(alice, "/pipeline/");
    assert.equal(page.url(), `${url}/pipeline/`, await text("#error"));
    assert.deepEqual(JSON.parse((await text("#who")) ?? ""), { email: alice.email, groups: alice.groups });
  });

  it("keeps the login in a cookie that no script reads and no other site sends, for as long as the settings say", async () => {
    const earliest = Date.now() / 1000;
    await logIn(alice);
    const cookie = await sessionCookie();
    assert.ok(cookie);
    assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path], [true, true, "Lax", "/"]);
    const lasts = 8 * 3600;
    // Both ends of it were measured here: the login lay between them. Browsers round to the second.
    assert.ok(cookie.expires >= earliest + lasts - 1 && cookie.expires <= Date.now() / 1000 + lasts + 1);
    assert.ok(!String(await page.evaluate("document.cookie")).includes(config.cookie_name));
  });

  it("refuses a wrong password and lets the person try again", async () => {
    await page.goto(url);
    await click("#login");
    await submit(alice.email, "wrong");
    assert.match((await text("#error")) ?? "", /Wrong address or password/);
    assert.equal(await sessionCookie(), undefined);
    await submit(alice.email, alice.password);
    assert.ok((await text("#who"))?.includes(alice.email));
  });

  it("lets nobody in who turns back at the issuer", async () => {
    await page.goto(url);
    await click("#login");
    await click("button[value=cancel]");
    assert.equal(await text("#error"), "access_denied");
    assert.equal(await sessionCookie(), undefined);
  });

  for (const [person, why] of [
    [oscar, "an address of another domain"],
    [visitor, "in none of the groups"],
  ] as const) {
    it(`refuses whom the issuer knows and the settings do not allow: ${why}`, async () => {
      await logIn(person);
      assert.equal(await text("#error"), why);
      assert.equal(await sessionCookie(), undefined);
    });
  }

  it("refuses an answer that belongs to no login of this browser", async () => {
    const answer = await page.goto(`${config.redirect_url}?code=stolen&state=guessed`);
    assert.equal(answer?.status(), 403);
    assert.equal(await sessionCookie(), undefined);
  });

  it("takes no cookie that somebody changed", async () => {
    await logIn(alice);
    const cookie = await sessionCookie();
    assert.ok(cookie);
    const { name, value, domain } = cookie;
    const changed = `${value.slice(0, -3)}${value.endsWith("AAA") ? "BBB" : "AAA"}`;
    await visit.setCookie({ name, value: changed, domain, path: "/", secure: true, httpOnly: true });
    await page.goto(url);
    assert.ok(await text("#login"));
  });

  it("ends the login here alone by signing out: the issuer still knows who it is", async () => {
    await logIn(alice);
    await page.goto(`${url}/oauth2/sign_out`);
    assert.equal(await sessionCookie(), undefined);
    assert.ok(await text("#login"));
    await click("#login");
    assert.ok((await text("#who"))?.includes(alice.email));
  });

  it("ends it at the issuer, too, by the configured logout URL", async () => {
    await logIn(alice);
    const end = `${issuer.url}/session/end?client_id=kubeflow&post_logout_redirect_uri=${encodeURIComponent(`${url}/`)}`;
    await page.goto(`${url}/oauth2/sign_out?rd=${encodeURIComponent(end)}`);
    await click("button[name=logout]");
    assert.equal(page.url(), `${url}/`);
    await click("#login");
    assert.ok(await page.$("input[name=password]"));
    assert.equal(await sessionCookie(), undefined);
  });

  it("asks again when the session is over, and not before", async () => {
    await logIn(alice);
    party.passTime(8 * 3600 - 600);
    await page.goto(url);
    assert.ok((await text("#who"))?.includes(alice.email));
    party.passTime(601);
    await page.goto(url);
    assert.ok(await text("#login"));
    party.passTime(-8 * 3600 - 1);
  });
});
