export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const HEAD = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9][0-9.e+-]*|NaN|[+-]Inf)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;

/**
 * Reads Prometheus' text format 0.0.4 as strictly as its documents put it: a family in one piece under HELP and TYPE,
 * no series twice, the last line ended.
 *
 * @throws Error with the line that breaks the format
 */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line is not ended');
  const families = new Map<string, Family>();
  const series = new Set<string>();
  let current = null as { name: string; help?: string; type?: string } | null;
  for (const line of text.slice(0, -1).split('\n')) {
    const head = HEAD.exec(line);
    if (head) {
      const [, word, name = '', rest = ''] = head;
      if (current?.name !== name) current = { name };
      if (families.has(name)) throw new Error(`${name} comes in two pieces: ${line}`);
      if (word === 'HELP') current.help = rest;
      else current.type = rest;
      continue;
    }
    const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (name === '') throw new Error(`no line of the format: ${line}`);
    if (current?.name !== name || !current.help || !current.type) throw new Error(`outside its family: ${line}`);
    if (series.has(`${name}{${labels}}`)) throw new Error(`the same series twice: ${line}`);
    series.add(`${name}{${labels}}`);
    const family = families.get(name) ?? { type: current.type, help: current.help, samples: [] };
    family.samples.push({ labels: readLabels(labels, line), value: Number(value) });
    families.set(name, family);
  }
  return families;
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (!match) throw new Error(`labels that cannot be read: ${line}`);
    labels[match[1] as string] = (match[2] as string).replace(/\\([\\"n])/g, (_, letter: string) =>
      letter === 'n' ? '\n' : letter,
    );
  }
  return labels;
}
