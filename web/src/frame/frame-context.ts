// What a page tells the frame about itself, and the place in the bar that it may fill.
import { createContext } from "react";
import type { KeyHelp } from "../ui/keys";

export interface Described {
  /** Whether the page puts an input of its own into the bar. */
  searching: boolean;
  /** The keys of the page, for the list of keys. */
  keys: KeyHelp[];
}

export const NOTHING_SAID: Described = { searching: false, keys: [] };

export interface FrameParts {
  /** The middle of the bar; `null` until it stands. */
  slot: HTMLElement | null;
  describe: (page: Described) => void;
}

export const FrameContext = createContext<FrameParts | null>(null);
