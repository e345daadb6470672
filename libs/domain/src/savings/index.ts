export * from './savings.js';
