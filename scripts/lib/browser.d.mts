export function chromiumPath(): string | undefined;
export function ensureChromium(say?: (line: string) => void): { path: string } | { why: string };
