export const BUNDLE: string;
export function buildAgentBundle(outfile?: string): Promise<string>;
