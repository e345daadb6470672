export const BUNDLE: string;
export function buildAgentBundle(outfile?: string, options?: { singleExecutable?: boolean }): Promise<string>;
