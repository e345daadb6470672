import { xmlTree, XmlTreeError } from './xml-tree.js';

const read = (xml: string) => xmlTree(xml, new Set(['gpu']), new Set(['clocks']));
/** Nodes have no prototype, so that no tag is found that the document does not have. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('xmlTree', () => {
  it('reads tags with texts and tags, attributes, empty tags and repeated ones', () => {
    const xml = `<?xml version="1.0"?><!-- by hand -->
      <log><at>1 &lt; 2</at><gpu id="00:1" b = 'x'><uuid> GPU-1 </uuid><none/><none></none></gpu></log>`;
    expect(plain(read(xml))).toEqual({
      log: { at: '1 &lt; 2', gpu: [{ '@id': '00:1', '@b': 'x', uuid: 'GPU-1', none: ['', ''] }] },
    });
  });

  it('leaves out what nobody reads, also where it is empty, and goes on behind it', () => {
    expect(plain(read('<a><clocks><x>1</y></clocks><clocks></clocks><b>2</b></a>'))).toEqual({ a: { b: '2' } });
  });

  it('keeps a long text whole', () => {
    expect(plain(read(`<a>${'é'.repeat(100)}</a>`))).toEqual({ a: 'é'.repeat(100) });
  });

  it('finds no tag that only every object has', () => {
    expect('constructor' in read('<a>1</a>')).toBe(false);
    expect(plain(read('<a><constructor>1</constructor></a>'))).toEqual({ a: { constructor: '1' } });
  });

  it.each([
    ['a tag closed by another', '<a><b>1</a></b>'],
    ['a tag that is not closed', '<a><b>1</b>'],
    ['a tag that was not opened', '<a></a></b>'],
    ['a branch that is left out and never ends', '<a><clocks><x>1</x></a>'],
    ['raw text', '<a><![CDATA[x]]></a>'],
    ['a definition', '<!ENTITY b "c"><a>&b;</a>'],
    ['a cut tag', '<a>1</a'],
    ['half a tag in a text', '<a>1 < 2</a>'],
    ['more depth than any driver has', '<a>'.repeat(100_000)],
  ])('refuses %s', (_, xml) => expect(() => read(xml)).toThrow(XmlTreeError));
});
