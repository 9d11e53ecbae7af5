/** Whether a process of this number runs on this machine, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, and it is another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
