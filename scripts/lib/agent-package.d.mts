export function makeExecutable(folder: string): Promise<string>;
export function makeDeb(folder: string, executable: string, version?: string): string;
export function makeIndex(folder: string): void;
