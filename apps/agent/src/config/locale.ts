import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';

// zod/mini speaks no language by itself: without this every fault reads "Invalid input"
z.config(en());

export { z };
