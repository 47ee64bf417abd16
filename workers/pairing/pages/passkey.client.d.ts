/** The script as text: it runs in the page, and is imported to be put there. */
declare const text: string;
export default text;
