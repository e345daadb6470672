/**
 * The protocol only grows: agents of older versions stay in the field. Every field that was ever given out stands in
 * proto-fields.json; it keeps its number, name, type and label for ever, or is deleted and `reserved`.
 *
 * After adding a field: FLOTILLA_UPDATE_PROTO_FIELDS=1 npm run jest -- --selectProjects house --testPathPatterns proto
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadSync } from '@grpc/proto-loader';
import { ROOT, files, read } from './tree.js';

type Fields = Record<string, Record<string, string>>;
interface MessageType {
  readonly field: readonly { name: string; number: number; type: string; label: string; typeName: string }[];
}

const LIST = 'test/house/proto-fields.json';
const protos = files('proto').filter((file) => file.endsWith('.proto'));

function current(): Fields {
  const found: Fields = {};
  const loaded = loadSync(
    protos.map((file) => path.join(ROOT, file)),
    { keepCase: true, includeDirs: [path.join(ROOT, 'proto')] },
  );
  for (const [name, definition] of Object.entries(loaded)) {
    if (!('type' in definition) || !('field' in (definition.type as object))) continue;
    const { field } = definition.type as unknown as MessageType;
    found[name] = Object.fromEntries(
      field.map((f) => {
        const type = f.typeName || f.type.replace('TYPE_', '').toLowerCase();
        return [String(f.number), `${f.label === 'LABEL_REPEATED' ? 'repeated ' : ''}${type} ${f.name}`];
      }),
    );
  }
  return found;
}

/** True when `message` says `reserved <number>` in one of the proto files. */
function isReserved(message: string, number: string): boolean {
  const name = message.split('.').at(-1) ?? '';
  return protos.some((file) => {
    const body = new RegExp(`message ${name} \\{([^]*?)\\n\\}`).exec(read(file))?.[1] ?? '';
    return [...body.matchAll(/reserved ([\d, ]+);/g)].some((m) => m[1]?.split(',').some((n) => n.trim() === number));
  });
}

describe('proto', () => {
  const now = current();
  if (process.env['FLOTILLA_UPDATE_PROTO_FIELDS']) {
    const old = JSON.parse(read(LIST)) as Fields;
    for (const [message, fields] of Object.entries(now)) old[message] = { ...fields, ...old[message] };
    writeFileSync(path.join(ROOT, LIST), `${JSON.stringify(old, null, 2)}\n`);
  }
  const known = JSON.parse(read(LIST)) as Fields;

  it('is read at all', () => expect(Object.keys(now).length).toBeGreaterThan(10));

  it('changes no field that was given out', () => {
    const broken = Object.entries(known).flatMap(([message, fields]) =>
      Object.entries(fields)
        .filter(([number, field]) => {
          const here = now[message]?.[number];
          return here === undefined ? !isReserved(message, number) : here !== field;
        })
        .map(
          ([number, field]) =>
            `${message}: ${number} was "${field}", is "${now[message]?.[number] ?? 'gone, not reserved'}"`,
        ),
    );
    expect(broken).toEqual([]);
  });

  it('has every new field in the list', () => {
    const unlisted = Object.entries(now).flatMap(([message, fields]) =>
      Object.keys(fields)
        .filter((number) => !known[message]?.[number])
        .map((number) => `${message} ${number}`),
    );
    expect(unlisted).toEqual([]);
  });
});
