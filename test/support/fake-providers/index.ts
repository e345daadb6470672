export { FakeAws, FakeAzure } from './clouds.js';
export type { CostDay } from './clouds.js';
export { FakeAnthropic, FakeOpenAi } from './organisations.js';
export { FakeProvider } from './server.js';
export type { Answer, Asked } from './server.js';
