import { files, isSpec, read, rooms } from './tree.js';

const SRC = 'apps/control-plane/src';
const all = files(SRC).filter((file) => file.endsWith('.ts'));
const code = all.filter((file) => !isSpec(file));

/** A controller may serve another address than its folder's name, for these reasons. */
const OTHER_ADDRESS: Readonly<Record<string, readonly string[]>> = {};

/** Files at the top of a room that are not called after it. The list must shrink. */
const OTHER_NAME: readonly string[] = [];

/** Text without comments, strings kept. Good enough to look for words of the language. */
const withoutComments = (text: string) => text.replace(/\/\*[^]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');

describe.each(rooms())('room %s', (room) => {
  const own = code.filter((file) => file.startsWith(`${SRC}/${room}/`));

  it('shows itself through index.ts and is wired by a module of its name', () => {
    expect(own).toContain(`${SRC}/${room}/index.ts`);
    expect(own).toContain(`${SRC}/${room}/${room}.module.ts`);
    expect(read(`${SRC}/app.module.ts`)).toContain(`./${room}/index.js`);
  });

  it('names its files after itself', () => {
    const strangers = own
      .map((file) => file.slice(`${SRC}/${room}/`.length))
      .filter((name) => !name.includes('/') && name !== 'index.ts' && !name.startsWith(`${room}.`))
      .map((name) => `${room}/${name}`)
      .filter((name) => !OTHER_NAME.includes(name));
    // platform is the house's own room: its folders carry the names
    if (room !== 'platform') expect(strangers).toEqual([]);
  });

  it('is served under its own name', () => {
    const addresses = own.flatMap((file) =>
      [...read(file).matchAll(/@Controller\((?:\{[^}]*path:\s*)?\[?\s*'([^']*)'/g)].map((match) => match[1] ?? ''),
    );
    const wrong = addresses
      .map((address) => address.replace(/^\//, '').split('/')[0] ?? '')
      .filter((first) => first !== room && !OTHER_ADDRESS[room]?.includes(first));
    expect(wrong).toEqual([]);
  });
});

describe('the files of a room', () => {
  it('controllers decide nothing', () => {
    const deciding = code
      .filter((file) => file.endsWith('.controller.ts'))
      .filter((file) => /(^|[^\w.])(if|switch|for|while)\s*\(/.test(withoutComments(read(file))));
    expect(deciding).toEqual([]);
  });

  it('queries meet no service and no store, services meet no queries', () => {
    const imports = (file: string) => [...read(file).matchAll(/from '(\.[^']*)'/g)].map((match) => match[1] ?? '');
    const wrong = code.flatMap((file) => {
      const forbidden = file.endsWith('.queries.ts')
        ? /\.(service|store)\.js$/
        : file.endsWith('.service.ts')
          ? /\.queries\.js$/
          : file.endsWith('.store.ts')
            ? /\.(service|queries|controller)\.js$/
            : undefined;
      return forbidden
        ? imports(file).flatMap((name) => (forbidden.test(name) ? [`${file} imports ${name}`] : []))
        : [];
    });
    expect(wrong).toEqual([]);
  });

  it('a store owns no connection', () => {
    const owning = code
      .filter((file) => file.endsWith('.store.ts'))
      .filter((file) => /\bDb\b/.test(withoutComments(read(file))));
    expect(owning).toEqual([]);
  });
});

/**
 * Work across tenants stands outside row-level security, so every file that does it is listed here with its reason.
 * A new entry is a question to the reviewer: can it not be done as one tenant?
 */
const ACROSS_TENANTS: Readonly<Record<string, string>> = {};

describe('work across tenants', () => {
  const callers = files()
    .filter((file) => /^(apps|libs)\/.*\.ts$/.test(file) && !isSpec(file) && file !== 'libs/persistence/src/db/db.ts')
    .filter((file) => /\b(db|database)\.system\s*(<[^(]*>)?\(/i.test(withoutComments(read(file))));

  it('is done by the listed files only', () => {
    expect(callers.filter((file) => !(file in ACROSS_TENANTS))).toEqual([]);
  });

  it('is still done by every listed file', () => {
    expect(Object.keys(ACROSS_TENANTS).filter((file) => !callers.includes(file))).toEqual([]);
  });
});
