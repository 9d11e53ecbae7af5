"""Keys of users, by the IAM API that AWS, SeaweedFS and the Versity gateway have in common. The standard library only."""

import datetime
import hashlib
import hmac
import json
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

POLICY = "kubeflow-artifacts"


class IamError(Exception):
    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Iam:
    """The four calls of AWS's IAM API that keys take, signed by AWS's Signature Version 4."""

    def __init__(self, endpoint, access_key, secret_key, **_):
        self.endpoint, self.access_key, self.secret_key = endpoint, access_key, secret_key

    def key_of(self, user, current, policy):
        """A key of the user that works: the current one if the store knows it, else a new one in place of all others."""
        known = self.access_keys(user)
        key = current if current is not None and current[0] in known else None
        if key is None:
            for old in known:
                self.call("DeleteAccessKey", UserName=user, AccessKeyId=old)
            key = self.new_key(user)
        self.call("PutUserPolicy", UserName=user, PolicyName=POLICY, PolicyDocument=json.dumps(policy, sort_keys=True))
        return key

    def access_keys(self, user):
        try:
            answer = self.call("ListAccessKeys", UserName=user)
        except IamError as error:
            if error.code == "NoSuchEntity":
                return []
            raise
        return [element.text for element in answer.iter() if local_name(element) == "AccessKeyId"]

    def new_key(self, user):
        try:
            answer = self.call("CreateAccessKey", UserName=user)
        except IamError as error:
            # SeaweedFS creates the user with its first key (and a second one of the same name if told to).
            if error.code != "NoSuchEntity":
                raise
            self.call("CreateUser", UserName=user)
            answer = self.call("CreateAccessKey", UserName=user)
        values = {local_name(element): element.text for element in answer.iter()}
        return values["AccessKeyId"], values["SecretAccessKey"]

    def call(self, action, **parameters):
        body = urllib.parse.urlencode({"Action": action, "Version": "2010-05-08", **parameters}).encode()
        headers = signed_headers(self.endpoint, body, self.access_key, self.secret_key, datetime.datetime.now(datetime.timezone.utc))
        request = urllib.request.Request(f"{self.endpoint}/", data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return xml.etree.ElementTree.fromstring(response.read())
        except urllib.error.HTTPError as error:
            raise iam_error(error.code, error.read()) from None


def iam_error(status, body):
    try:
        values = {local_name(element): element.text for element in xml.etree.ElementTree.fromstring(body).iter()}
    except xml.etree.ElementTree.ParseError:
        values = {}
    return IamError(values.get("Code", str(status)), values.get("Message", "no message"))


def local_name(element):
    return element.tag.rpartition("}")[2]


def signed_headers(endpoint, body, access_key, secret_key, now):
    """Headers of a POST to `/`, region us-east-1 as IAM has everywhere."""
    host = urllib.parse.urlsplit(endpoint).netloc
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    headers = {
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": host,
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
        "x-amz-date": stamp,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n/\n\n{lines}\n{names}\n{headers['x-amz-content-sha256']}"
    scope = f"{day}/us-east-1/iam/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return headers
