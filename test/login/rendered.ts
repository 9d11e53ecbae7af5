/** What `kubeflow:login` renders, through the schema and back from the text, as the programs get it. */
import type { z } from "zod";
import { parse, stringify } from "yaml";
import { dexConfig } from "../../components/kubeflow/login/dex-config.ts";
import { dexModel, type DexConfig } from "../../components/kubeflow/login/dex-model.ts";
import { oauth2ProxyConfig, oauth2ProxyText } from "../../components/kubeflow/login/oauth2-proxy-config.ts";
import { oauth2ProxyModel, type OAuth2ProxyConfig } from "../../components/kubeflow/login/oauth2-proxy-model.ts";
import { loginSettings } from "../../components/kubeflow/login/settings.ts";

export type LoginInput = z.input<typeof loginSettings>;

export function renderedDex(settings: LoginInput): DexConfig {
  const config = dexConfig(loginSettings.parse(settings), { url: "https://kubeflow.example.com" });
  return dexModel.parse(parse(stringify(config)));
}

/** oauth2_proxy.cfg of the mode `direct`: no Dex in between. */
export function renderedProxy(settings: Omit<LoginInput, "mode">): OAuth2ProxyConfig {
  const parsed = loginSettings.parse({ ...settings, mode: "direct" });
  const { url, issuer } = parsed;
  if (issuer === undefined || issuer === "target") throw new Error("an issuer by its URL is needed");
  const direct = { ...issuer, groupsClaim: issuer.groupsClaim };
  return read(oauth2ProxyText(oauth2ProxyConfig(parsed, { url, issuer: direct, otherClients: [] })));
}

/** oauth2_proxy.cfg of the mode `dex`. */
export function renderedProxyOfDex(settings: LoginInput): OAuth2ProxyConfig {
  const config = oauth2ProxyConfig(loginSettings.parse(settings), { url: undefined, otherClients: [] });
  return read(oauth2ProxyText(config));
}

function read(text: string): OAuth2ProxyConfig {
  const lines = text.trimEnd().split("\n");
  const entries = lines.map((line): readonly [string, unknown] => {
    const [, key = "", value = ""] = /^(\w+) = (.*)$/.exec(line) ?? [];
    return [key, JSON.parse(value)];
  });
  return oauth2ProxyModel.parse(Object.fromEntries(entries));
}

/** What an administrator writes for `kube-apiserver --authentication-config`, from what oauth2-proxy was told. */
export function authenticationConfiguration(proxy: OAuth2ProxyConfig, audience: string, ca: string): object {
  const notKubernetes = "names beginning with system: are Kubernetes' own";
  return {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AuthenticationConfiguration",
    jwt: [
      {
        issuer: { url: proxy.oidc_issuer_url, audiences: [audience], certificateAuthority: ca },
        claimMappings: {
          username: { claim: proxy.oidc_email_claim, prefix: "" },
          groups: { claim: proxy.oidc_groups_claim, prefix: "" },
        },
        userValidationRules: [
          { expression: "!user.username.startsWith('system:')", message: notKubernetes },
          { expression: "user.groups.all(group, !group.startsWith('system:'))", message: notKubernetes },
        ],
      },
    ],
  };
}
