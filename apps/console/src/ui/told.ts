/**
 * A sentence that may hold somebody's names, without the marks by which a name would turn round what stands after it. A name
 * on its own keeps them: it stands in an element that isolates directions (bdi, or the class `name`).
 */
export const told = (text: string): string => text.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '');
