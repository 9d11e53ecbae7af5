"""What a profile's namespace needs for Pipelines, as metacontroller's sync hook (a DecoratorController of namespaces).

Given a namespace and what it has, answers what it is to have: where artifacts go (`kfp-launcher` for the launcher,
`artifact-repositories` for Argo), where the metadata are, and, for a store with an IAM API, a key that opens the
namespace's own prefix and nothing else. Everything comes from the environment; nothing is kept in memory, so that a
restart changes nothing. The standard library only: the image is not ours.
"""

import base64
import http.server
import json
import os
import sys
import threading

from iam import Iam

ENABLED_LABEL = "pipelines.kubeflow.org/enabled"
KEY_SECRET = "mlpipeline-minio-artifact"


def settings_from(env):
    """What the environment says; a missing variable ends the program, since no default would be right."""
    keys = env["ARTIFACT_KEYS"]
    return {
        "scheme": env["ARTIFACT_SCHEME"],
        "bucket": env["ARTIFACT_BUCKET"],
        "prefixes": json.loads(env.get("ARTIFACT_PREFIXES", "{}")),
        "endpoint": env.get("ARTIFACT_ENDPOINT", ""),
        "secure": env.get("ARTIFACT_SECURE", "true") == "true",
        "region": env.get("ARTIFACT_REGION", ""),
        "keys": keys,
        "iam": {
            "endpoint": env["IAM_ENDPOINT"],
            "dialect": env["IAM_DIALECT"],
            "access_key": env["IAM_ACCESS_KEY"],
            "secret_key": env["IAM_SECRET_KEY"],
        }
        if keys == "iam"
        else None,
        "cluster_domain": env.get("CLUSTER_DOMAIN", "cluster.local"),
        "proxy": env.get("ARTIFACTS_PROXY_ENABLED", "false").lower() == "true",
        "frontend": f"{env.get('FRONTEND_IMAGE', 'ghcr.io/kubeflow/kfp-frontend')}:{env['KFP_VERSION']}",
        "sidecar": env.get("DISABLE_ISTIO_SIDECAR", "false") != "true",
    }


def tenant_prefix(settings, namespace):
    return settings["prefixes"].get(namespace, f"artifacts/{namespace}/")


# What a namespace is to have. Pure.


def launcher(settings, namespace):
    """Where the launcher and the driver of a run put artifacts, and with which credentials."""
    scheme = settings["scheme"]
    if settings["keys"] == "iam":
        secret_ref = {"secretName": KEY_SECRET, "accessKeyKey": "accesskey", "secretKeyKey": "secretkey"}
        credentials = {"fromEnv": False, "secretRef": secret_ref}
    else:
        credentials = {"fromEnv": True}
    default = {"credentials": credentials}
    if scheme != "gs":
        default.update(
            endpoint=settings["endpoint"],
            region=settings["region"],
            disableSSL=not settings["secure"],
            forcePathStyle=scheme == "minio",
        )
    return config_map(
        namespace,
        "kfp-launcher",
        {
            "defaultPipelineRoot": f"{scheme}://{settings['bucket']}/{tenant_prefix(settings, namespace)}v2/artifacts",
            "providers": to_json({scheme: {"default": default}}),
            "clusterDomain": f".svc.{settings['cluster_domain']}",
        },
    )


def argo_repository(settings, namespace):
    """Where Argo archives the logs of a workflow."""
    time = "{{workflow.creationTimestamp.Y}}/{{workflow.creationTimestamp.m}}/{{workflow.creationTimestamp.d}}"
    key_format = f"{tenant_prefix(settings, namespace)}{{{{workflow.name}}}}/{time}/{{{{pod.name}}}}"
    place = {"bucket": settings["bucket"], "keyFormat": key_format}
    if settings["scheme"] == "gs":
        repository = {"archiveLogs": True, "gcs": place}
    else:
        place.update(endpoint=settings["endpoint"], insecure=not settings["secure"], region=settings["region"])
        if settings["keys"] == "iam":
            place["accessKeySecret"] = {"name": KEY_SECRET, "key": "accesskey"}
            place["secretKeySecret"] = {"name": KEY_SECRET, "key": "secretkey"}
        else:
            place["useSDKCreds"] = True
        repository = {"archiveLogs": True, "s3": place}
    annotations = {"workflows.argoproj.io/default-artifact-repository": "default-namespaced"}
    return config_map(namespace, "artifact-repositories", {"default-namespaced": to_json(repository)}, annotations)


def metadata_service(namespace):
    data = {"METADATA_GRPC_SERVICE_HOST": "metadata-grpc-service.kubeflow", "METADATA_GRPC_SERVICE_PORT": "8080"}
    return config_map(namespace, "metadata-grpc-configmap", data)


def artifact_proxy(settings, namespace):
    """Reads artifacts for the UI as the namespace's own service account; only where pipeline-install-config asks."""
    name = "ml-pipeline-ui-artifact"
    labels = {"app": name}
    domain = f".svc.{settings['cluster_domain']}"
    env = [
        {"name": "ML_PIPELINE_SERVICE_HOST", "value": f"ml-pipeline.kubeflow{domain}"},
        {"name": "ML_PIPELINE_SERVICE_PORT", "value": "8888"},
        {"name": "FRONTEND_SERVER_NAMESPACE", "value": namespace},
        {"name": "CLUSTER_DOMAIN", "value": domain},
    ]
    if settings["keys"] == "iam":
        for variable, key in (("MINIO_ACCESS_KEY", "accesskey"), ("MINIO_SECRET_KEY", "secretkey")):
            env.append({"name": variable, "valueFrom": {"secretKeyRef": {"name": KEY_SECRET, "key": key}}})
        host, _, port = settings["endpoint"].rpartition(":")
        env += [
            {"name": "MINIO_NAMESPACE", "value": ""},
            {"name": "MINIO_HOST", "value": host},
            {"name": "MINIO_PORT", "value": port},
        ]
    elif settings["scheme"] == "s3":
        env += [
            {"name": "AWS_S3_ENDPOINT", "value": settings["endpoint"]},
            {"name": "AWS_REGION", "value": settings["region"]},
        ]
    container = {
        "name": name,
        "image": settings["frontend"],
        "imagePullPolicy": "IfNotPresent",
        "ports": [{"containerPort": 3000}],
        "env": env,
        "resources": {"requests": {"cpu": "10m", "memory": "70Mi"}, "limits": {"cpu": "100m", "memory": "500Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    annotations = {} if settings["sidecar"] else {"sidecar.istio.io/inject": "false"}
    template = {
        "metadata": {"labels": labels, "annotations": annotations},
        "spec": {"serviceAccountName": "default-editor", "containers": [container]},
    }
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    ports = [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 3000}]
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": metadata,
            "spec": {"selector": {"matchLabels": labels}, "template": template},
        },
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": ports, "selector": labels}},
    ]


def key_secret(settings, namespace, access_key, secret_key):
    """For Pipelines and, with `serving.kserve.io/storageSecretName` on an InferenceService, for KServe."""
    annotations = {
        "serving.kserve.io/s3-endpoint": settings["endpoint"],
        "serving.kserve.io/s3-usehttps": "1" if settings["secure"] else "0",
        "serving.kserve.io/s3-region": settings["region"],
    }
    names = {"accesskey": access_key, "secretkey": secret_key}
    names.update(AWS_ACCESS_KEY_ID=access_key, AWS_SECRET_ACCESS_KEY=secret_key)
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": KEY_SECRET, "namespace": namespace, "annotations": annotations},
        "data": {name: base64.b64encode(value.encode()).decode() for name, value in names.items()},
    }


def key_policy(settings, namespace):
    """What the key of a namespace opens: its own prefix."""
    bucket, prefix = f"arn:aws:s3:::{settings['bucket']}", tenant_prefix(settings, namespace)
    if settings["iam"]["dialect"] == "seaweedfs":
        # It maps whole groups of actions to grants on a path and knows no conditions: listing is by path, too.
        statements = [{"Effect": "Allow", "Action": ["s3:Put*", "s3:Get*", "s3:List*"], "Resource": [f"{bucket}/{prefix}*"]}]
    else:
        objects = ["GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload", "ListMultipartUploadParts"]
        statements = [
            {"Effect": "Allow", "Action": [f"s3:{action}" for action in objects], "Resource": [f"{bucket}/{prefix}*"]},
            {
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [bucket],
                "Condition": {"StringLike": {"s3:prefix": [f"{prefix}*"]}},
            },
        ]
    return {"Version": "2012-10-17", "Statement": statements}


def config_map(namespace, name, data, annotations=None):
    metadata = {"name": name, "namespace": namespace, **({"annotations": annotations} if annotations else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def to_json(value):
    # Sorted, so that the same settings give the same text.
    return json.dumps(value, sort_keys=True)


# The hook.


class Hook:
    def __init__(self, settings):
        self.settings = settings
        self.iam = Iam(**settings["iam"]) if settings["iam"] else None
        # SeaweedFS reads, changes and writes all its users with every call: two at a time would lose one.
        self.lock = threading.Lock()

    def sync(self, parent, attachments):
        namespace = parent["metadata"]["name"]
        if parent["metadata"].get("labels", {}).get(ENABLED_LABEL) != "true" or "deletionTimestamp" in parent["metadata"]:
            return {"attachments": []}
        desired = [launcher(self.settings, namespace), argo_repository(self.settings, namespace), metadata_service(namespace)]
        if self.settings["proxy"]:
            desired += artifact_proxy(self.settings, namespace)
        if self.iam is not None:
            current = key_in(attachments.get("Secret.v1", {}).get(f"{namespace}/{KEY_SECRET}"))
            with self.lock:
                key = self.iam.key_of(namespace, current, key_policy(self.settings, namespace))
            desired.append(key_secret(self.settings, namespace, *key))
        observed = sum(len(objects) for objects in attachments.values())
        return {"status": {"kubeflow-pipelines-ready": str(observed == len(desired))}, "attachments": desired}


def key_in(secret):
    """The key in a Secret that is there; None when there is none, or not a whole one."""
    data = (secret or {}).get("data", {})
    if "accesskey" not in data or "secretkey" not in data:
        return None
    return tuple(base64.b64decode(data[name]).decode() for name in ("accesskey", "secretkey"))


def handler_of(hook):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            namespace = "?"
            try:
                request = json.loads(self.rfile.read(int(self.headers["content-length"])))
                namespace = request["object"]["metadata"]["name"]
                answer = hook.sync(request["object"], request["attachments"])
            # Whatever went wrong, metacontroller leaves the namespace as it is and asks again.
            except Exception as error:
                log(f"{namespace}: {type(error).__name__}: {error}")
                self.answer(500, {"error": str(error)})
            else:
                log(f"{namespace}: {len(answer['attachments'])} objects")
                self.answer(200, answer)

        def do_GET(self):
            self.answer(200, {})

        def answer(self, status, value):
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Requests are logged by what came of them."""

    return Handler


def log(line):
    # Never an object: Secrets are among them.
    print(line, file=sys.stderr, flush=True)


def main():
    hook = Hook(settings_from(os.environ))
    address = (os.environ.get("CONTROLLER_HOST", ""), int(os.environ.get("CONTROLLER_PORT", "8080")))
    http.server.ThreadingHTTPServer(address, handler_of(hook)).serve_forever()


if __name__ == "__main__":
    main()
