/** What a run says that the Pulumi CLI does not begin. The CLI was never run here: a fake `pulumi` on PATH stands in. */
import assert from "node:assert/strict";
import { messageOf, UserError } from "../../shared/errors.ts";
import { useFakePulumi } from "./fake-pulumi.ts";

describe("operation that the Pulumi CLI does not begin (a fake pulumi on PATH)", () => {
  const { install, calls, run } = useFakePulumi();

  async function refusal(): Promise<string> {
    const error = await run().then(
      () => assert.fail("was not refused"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof UserError, messageOf(error));
    return error.message;
  }

  it("says how to get the CLI when there is none", async () => {
    assert.match(await refusal(), /pulumi: not found on PATH.*Install the Pulumi CLI/);
  });

  for (const version of ["3.100.0", "4.0.0"]) {
    it(`refuses CLI ${version}, naming what is allowed`, async () => {
      await install({ version });
      assert.match(await refusal(), new RegExp(`version ${version}, wanted >=3\\.200\\.0 <4`));
    });
  }

  it("makes no stack by itself: says how when the backend has none of the name", async () => {
    await install({ stacks: [] });
    assert.match(await refusal(), /stack dev: not in the backend.*pulumi stack init dev/);
    assert.ok((await calls()).every(({ args }) => args[1] !== "init"));
  });

  it("says who holds the stack when another operation is under way", async () => {
    const stderr = "error: the stack is currently locked by 1 lock(s). Either wait or run `pulumi cancel`\n";
    await install({ exit: { code: 255, stderr } });
    assert.match(await refusal(), /another operation is under way: the stack is currently locked by 1 lock/);
  });

  it("passes on the CLI's own words when it fails before it looked at anything", async () => {
    await install({ exit: { code: 255, stderr: "error: Stack 'dev' is missing configuration value 'demo:b'\n" } });
    assert.match(await refusal(), /pulumi: Stack 'dev' is missing configuration value 'demo:b'$/);
  });
});
