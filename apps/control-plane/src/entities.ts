import type { EntityTarget, ObjectLiteral } from 'typeorm';

/** The TypeORM entities of every room. */
export const ENTITIES: readonly EntityTarget<ObjectLiteral>[] = [];
