/** How a setting is refused: its path, its value, what is allowed, why and what to do. */
export function said(path: string, value: unknown, allowed: string, remedy: string): string {
  const shown = value === undefined ? "not set" : JSON.stringify(value);
  return `kubeflow:onprem.${path}: ${shown}; allowed: ${allowed}. ${remedy}`;
}
