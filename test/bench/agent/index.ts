import { measureSpool } from './spool.js';

interface Bench {
  readonly say: (line: string) => void;
  readonly args: readonly string[];
}

export async function run({ say }: Bench): Promise<object> {
  const spool = await measureSpool();
  say(JSON.stringify(spool));
  return { spool };
}
