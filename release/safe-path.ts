/** Whether a `/` path is relative, never leaves its folder, and means the same on every system. */
export function isInside(relative: string): boolean {
  if (relative === "" || /^([a-zA-Z]:|\/)/.test(relative) || /[\\\0]/.test(relative)) return false;
  return !relative.split("/").includes("..");
}
