// Messages of the server as sentences: they begin small, end without a stop, and quote values with backticks.

/** The message with its quoted values set as code. */
export function Words({ text }: { text: string }) {
  return text.split(/`([^`]*)`/).map((part, at) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name than their place.
    at % 2 === 1 ? <code key={at}>{part}</code> : <span key={at}>{part}</span>,
  );
}

/** The same as a sentence among others. */
export function Sentence({ text }: { text: string }) {
  return <Words text={sentence(text)} />;
}

/** The first letter becomes a capital, unless it begins the name of a file. */
export function sentence(text: string): string {
  const isWord = !/^\S*\.\w/.test(text);
  const begun = isWord ? text.charAt(0).toLocaleUpperCase() + text.slice(1) : text;
  return text === "" || /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
