import { SETTINGS } from '../../apps/control-plane/src/platform/config/settings.js';
import { read } from './tree.js';

it.each(Object.keys(SETTINGS.shape))('the README says what %s does', (name) => {
  expect(read('README.md')).toContain(`\`${name}\``);
});
