// The pages before one is signed in: a narrow column with a title and the theme.
import { type ReactNode, useEffect } from "react";
import { ThemeMenu } from "./theme-menu";

type DoorProps = { title: string; heading?: string; children: ReactNode };

export function Door({ title, heading = title, children }: DoorProps) {
  useEffect(() => {
    document.title = title === "Fossick" ? title : `${title} · Fossick`;
  }, [title]);
  return (
    <main className="door">
      <div className="page-head">
        <h1>{heading}</h1>
        <ThemeMenu />
      </div>
      {children}
    </main>
  );
}
