/** Says why a Node is too old; the engines field of package.json stops nobody who starts the bundle directly. */
export function explainOldNode(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 24 || (major === 24 && minor >= 21)) return undefined;
  return `Pryx needs Node 24.21 or newer; this is Node ${version}.`;
}
