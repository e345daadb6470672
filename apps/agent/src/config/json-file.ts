/** Where something stands in a text, as an editor counts: both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A text that is no JSON; the message is a sentence without the place. */
export class JsonFault extends Error {
  constructor(
    message: string,
    readonly place: Place,
  ) {
    super(message);
  }
}

export interface JsonFile {
  readonly value: unknown;
  /** Where the key at the end of this path is written (an element: where it begins); the nearest written ancestor otherwise. */
  placeOf(path: readonly PropertyKey[]): Place;
  /** Keys that are written twice in one object; the last one would win silently. */
  readonly duplicates: readonly {
    readonly path: readonly PropertyKey[];
    readonly place: Place;
    readonly first: Place;
  }[];
}

const MAX_DEPTH = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// eslint-disable-next-line no-control-regex -- JSON forbids raw control characters in a text
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /[^\s,:{}[\]"]+/y;

/**
 * Reads JSON (RFC 8259) and remembers where every key stands, which JSON.parse does not tell. Beyond the RFC: comments
 * (`// to the end of the line`), because a file for operators needs them.
 *
 * @throws JsonFault
 */
export function readJson(text: string): JsonFile {
  return new Reader(text.startsWith('\ufeff') ? text.slice(1) : text).read();
}

class Reader {
  private at = 0;
  private readonly path: PropertyKey[] = [];
  private readonly offsets = new Map<string, number>();
  private readonly twice: { path: PropertyKey[]; at: number; first: number }[] = [];

  constructor(private readonly text: string) {}

  read(): JsonFile {
    this.blank();
    const start = this.at;
    const value = this.value();
    this.blank();
    if (this.at < this.text.length)
      this.fail(`nothing may follow the end of the settings, but there is ${this.found()}`);
    return {
      value,
      placeOf: (path) => {
        for (let length = path.length; length > 0; length--) {
          const offset = this.offsets.get(keyOf(path.slice(0, length)));
          if (offset !== undefined) return this.place(offset);
        }
        return this.place(start);
      },
      duplicates: this.twice.map(({ path, at, first }) => ({ path, place: this.place(at), first: this.place(first) })),
    };
  }

  private value(): unknown {
    if (this.path.length > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH} levels`);
    const next = this.text[this.at];
    if (next === '{') return this.object();
    if (next === '[') return this.array();
    if (next === '"') return this.string();
    for (const [word, meaning] of WORDS) if (this.match(WORD, word)) return meaning;
    const number = this.match(NUMBER);
    if (number !== null) return Number(number);
    return this.fail(`expected a value, found ${this.found()}`);
  }

  private object(): unknown {
    const made: Record<string, unknown> = {};
    const seen = new Map<string, number>();
    this.each('}', () => {
      const at = this.at;
      if (this.text[at] !== '"') this.fail(`expected a key in double quotes, found ${this.found()}`);
      const key = this.string();
      this.path.push(key);
      const first = seen.get(key);
      if (first !== undefined) this.twice.push({ path: [...this.path], at, first });
      else seen.set(key, at);
      this.offsets.set(keyOf(this.path), at);
      this.blank();
      if (this.text[this.at] !== ':') this.fail(`expected a colon after ${JSON.stringify(key)}, found ${this.found()}`);
      this.at++;
      this.blank();
      // as JSON.parse does: a key __proto__ is a key and nothing else
      const value = this.value();
      Object.defineProperty(made, key, { value, enumerable: true, writable: true, configurable: true });
      this.path.pop();
    });
    return made;
  }

  private array(): unknown {
    const made: unknown[] = [];
    this.each(']', () => {
      this.path.push(made.length);
      this.offsets.set(keyOf(this.path), this.at);
      made.push(this.value());
      this.path.pop();
    });
    return made;
  }

  private each(end: '}' | ']', element: () => void): void {
    const opened = this.at++;
    this.blank();
    while (this.text[this.at] !== end) {
      this.unended(end, opened);
      element();
      this.blank();
      this.unended(end, opened);
      if (this.text[this.at] === ',') {
        const comma = this.at++;
        this.blank();
        if (this.text[this.at] === end) this.fail(`the comma before ${end} is one too many`, comma);
      } else if (this.text[this.at] !== end) this.fail(`expected a comma or ${end}, found ${this.found()}`);
    }
    this.at++;
  }

  private unended(end: '}' | ']', opened: number): void {
    if (this.at < this.text.length) return;
    const { line } = this.place(opened);
    this.fail(`the file ends before the ${end} that closes ${end === '}' ? '{' : '['} of line ${line}`);
  }

  private string(): string {
    const text = this.match(TEXT);
    if (text === null) this.fail('a text that does not end in its line, or holds an escape that JSON does not know');
    return JSON.parse(text as string) as string;
  }

  private blank(): void {
    for (;;) {
      while (this.at < this.text.length && ' \t\r\n'.includes(this.text[this.at] as string)) this.at++;
      if (!this.text.startsWith('//', this.at)) return;
      const end = this.text.indexOf('\n', this.at);
      this.at = end < 0 ? this.text.length : end;
    }
  }

  /** What the pattern finds here (only if it is `wanted`, where that is given); null when it does not. */
  private match(pattern: RegExp, wanted?: string): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined || (wanted !== undefined && found !== wanted)) return null;
    this.at += found.length;
    return found;
  }

  private found(): string {
    if (this.at >= this.text.length) return 'the end of the file';
    WORD.lastIndex = this.at;
    return (WORD.exec(this.text)?.[0] ?? (this.text[this.at] as string)).slice(0, 30);
  }

  private place(offset: number): Place {
    const before = this.text.slice(0, offset);
    const lineStart = before.lastIndexOf('\n') + 1;
    return { line: before.split('\n').length, column: [...before.slice(lineStart)].length + 1 };
  }

  private fail(message: string, offset = this.at): never {
    throw new JsonFault(message, this.place(offset));
  }
}

const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

const keyOf = (path: readonly PropertyKey[]): string => JSON.stringify(path);
