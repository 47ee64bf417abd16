/** Files that stand in the pages as they are: `import text from './file' with { type: 'text' }`. */
declare module '*.css' {
  const text: string;
  export default text;
}
declare module '*.client.js' {
  const text: string;
  export default text;
}
