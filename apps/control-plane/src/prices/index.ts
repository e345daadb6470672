export { MODEL_LIST } from './model-list.js';
export { ListCache, PriceBook } from './price-book.js';
export { PriceBooks } from './price-books.js';
export { PricesModule } from './prices.module.js';
