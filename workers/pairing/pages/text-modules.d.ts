/** Style sheets stand in the pages as they are: `import style from './pages.css' with { type: 'text' }`. */
declare module '*.css' {
  const text: string;
  export default text;
}
