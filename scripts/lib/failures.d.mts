export interface FailedFile {
  readonly file: string;
  readonly failures: readonly { readonly test: string; readonly message: string }[];
}
export function failuresOf(report: { readonly testResults: readonly object[] }): FailedFile[];
export function failuresOfOutput(output: string): Omit<FailedFile, 'file'>[];
export function failureLines(files: readonly FailedFile[]): string[];
