import { JsonFault, readJson } from './json-file.js';

const faultOf = (text: string): JsonFault => {
  try {
    readJson(text);
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
  throw new Error(`no fault in ${text}`);
};

describe('readJson', () => {
  it.each([
    '{}',
    '[]',
    'null',
    '"a\\u00e9\\n\\"\\\\"',
    '-0.5e+3',
    '{"a":[1,2,{"b":null}],"c":{"":true},"__proto__":{"x":1}}',
    ' {\r\n\t"a" : [ ] } ',
  ])('reads %j as JSON.parse does', (text) => {
    expect(JSON.stringify(readJson(text).value)).toBe(JSON.stringify(JSON.parse(text)));
  });

  it('does not let a key reach the prototype', () => {
    const made = readJson('{"__proto__": {"polluted": true}}').value as Record<string, unknown>;
    expect(made['polluted']).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('takes comments to the end of a line, and none in a text', () => {
    expect(readJson('// first\n{"a": "http://x", // second\n "b": 1}\n// third').value).toEqual({
      a: 'http://x',
      b: 1,
    });
  });

  it('knows where every key and element stands', () => {
    const file = readJson('{\n  "ä": 1, "b": [\n    {"c": 2}\n  ]\n}');
    expect(file.placeOf(['b'])).toEqual({ line: 2, column: 11 });
    expect(file.placeOf(['b', 0])).toEqual({ line: 3, column: 5 });
    expect(file.placeOf(['b', 0, 'c'])).toEqual({ line: 3, column: 6 });
    // what is not written stands where its nearest parent does
    expect(file.placeOf(['b', 0, 'd', 'e'])).toEqual({ line: 3, column: 5 });
    expect(file.placeOf([])).toEqual({ line: 1, column: 1 });
  });

  it('finds keys that are written twice, also when escaped, and not the same key of two objects', () => {
    expect(readJson('{"a":1,"\\u0061":2,"b":{"a":1},"c":[{"a":1},{"a":2}]}').duplicates).toEqual([
      { path: ['a'], place: { line: 1, column: 8 }, first: { line: 1, column: 2 } },
    ]);
  });

  it.each([
    ['', 'expected a value, found the end of the file'],
    ['{"a": 01}', 'expected a comma or }, found 1'],
    ['{"a": .5}', 'expected a value, found .5'],
    ['{a: 1}', 'expected a key in double quotes, found a'],
    ["{'a': 1}", "expected a key in double quotes, found 'a'"],
    ['{"a" 1}', 'expected a colon after "a", found 1'],
    ['{"a": "b\n"}', 'a text that does not end in its line, or holds an escape that JSON does not know'],
    ['{"a": "\\x"}', 'a text that does not end in its line, or holds an escape that JSON does not know'],
    ['{"a": nul}', 'expected a value, found nul'],
    ['{"a": True}', 'expected a value, found True'],
    ['[1,]', 'the comma before ] is one too many'],
    ['{} {}', 'nothing may follow the end of the settings, but there is {'],
    ['/* old */ {}', 'expected a value, found /*'],
    ['[', 'the file ends before the ] that closes [ of line 1'],
  ])('refuses %j', (text, message) => {
    expect(faultOf(text).message).toBe(message);
  });

  it('refuses what is nested without end, before the stack does', () => {
    expect(faultOf('['.repeat(100_000)).message).toContain('nested deeper than 64');
    expect(faultOf('{"a":'.repeat(100_000)).message).toContain('nested deeper than 64');
  });

  it('ends every mutilated text in a value or in a fault with a place, never otherwise', () => {
    const whole =
      '{"server":"a:1","interval_s":5,"spool":{"max_mb":1.5e2},"controls":[{"kind":"command","stop":["\\u00e9"]}]} // x';
    // a generator of its own: the same texts on every run
    let seed = 7;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    let faults = 0;
    for (let round = 0; round < 3_000; round++) {
      const letters = [...whole];
      for (let cuts = 1 + random(3); cuts > 0; cuts--) {
        const at = random(letters.length);
        if (random(2) === 0) letters.splice(at, 1 + random(5));
        else letters.splice(at, 0, '{}[]",:\\/\u0000\ud800e-0tn'.charAt(random(16)));
      }
      const text = letters.join('');
      const native = ((): boolean => {
        try {
          JSON.parse(text.replace(/ \/\/ .*$/, ''));
          return true;
        } catch {
          return false;
        }
      })();
      try {
        readJson(text);
      } catch (error) {
        faults++;
        expect(error).toBeInstanceOf(JsonFault);
        expect((error as JsonFault).place.line).toBeGreaterThan(0);
        // nothing that JSON.parse reads is refused
        expect(native).toBe(false);
      }
    }
    expect(faults).toBeGreaterThan(1_000);
  });
});
