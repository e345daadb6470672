import { scan } from './json-guard.js';

const LIMITS = { depth: 4, keys: 3, elements: 5 };
const look = (text: string) => () => scan(Buffer.from(text), LIMITS);

describe('the look at raw JSON', () => {
  it.each([
    ['as deep as allowed', '[[[[1]]]]'],
    ['as many fields as allowed', '{"a":1,"b":2,"c":3}'],
    ['as many elements as allowed', '[1,2,3,4,5]'],
    ['many small objects', '[{"a":1,"b":2},{"a":1,"b":2},{"a":1,"b":2}]'],
    ['brackets, colons and commas inside texts', '{"a":"[[[[[[[[","b":"::::::,,,,,,,,"}'],
    ['escaped quotes', String.raw`{"a":"\"[[[[[[[","b":"\\"}`],
    ['what is no JSON at all: the parser says so', ']]]]}}}}'],
    ['an open text at the end', '{"a":"[[[[[['],
  ])('lets through %s', (_, text) => expect(look(text)).not.toThrow());

  it.each([
    ['one level too deep', '[[[[[1]]]]]', /deeper than 4/],
    ['never closed', '[[[[[', /deeper than 4/],
    ['deep after closing', '[[],[],[[[[1]]]]]', /deeper than 4/],
    ['a field too many', '{"a":1,"b":2,"c":3,"d":4}', /3 fields/],
    ['an element too many', '[1,2,3,4,5,6]', /5 elements/],
    ['behind an escaped backslash', String.raw`{"a":"\\","b":[[[[1]]]]}`, /deeper than 4/],
  ])('refuses %s', (_, text, message) => expect(look(text)).toThrow(message));
});
