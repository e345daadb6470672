import { targetsOf, targetsText } from './targets';

it.each([
  ['nobody', '  , ', true, null],
  [
    'values',
    'search, vision',
    false,
    [
      { value: 'search', weight: null },
      { value: 'vision', weight: null },
    ],
  ],
  [
    'values with weights',
    'search = 3, a=b=0.5',
    true,
    [
      { value: 'search', weight: 3 },
      { value: 'a=b', weight: 0.5 },
    ],
  ],
  // the API says that a weight is missing
  [
    'a weight that is none',
    'search = much, vision',
    true,
    [
      { value: 'search = much', weight: null },
      { value: 'vision', weight: null },
    ],
  ],
  ['an equals sign in a name', 'a=1', false, [{ value: 'a=1', weight: null }]],
])('reads %s', (_, text, weighted, expected) => {
  expect(targetsOf(text, weighted)).toEqual(expected);
});

it.each([
  ['search = 3, vision = 0.5', true],
  ['search, vision', false],
  ['', false],
])('targets are written as they are read: %s', (text, weighted) => {
  expect(targetsText(targetsOf(text, weighted))).toBe(text);
});
