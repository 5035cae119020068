// How the application is built: one entry, a chunk per page, nothing inlined (the page's security policy forbids it).
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.FOSSICK_SERVER ?? "http://127.0.0.1:3677";

export default defineConfig({
  plugins: [react()],
  build: {
    // The oldest browsers that know `light-dark()`, dialogs and popovers.
    target: ["chrome125", "firefox125", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  test: { include: ["src/**/*.test.{ts,tsx}"] },
  server: {
    port: 5173,
    proxy: Object.fromEntries(
      ["/api", "/1", "/healthz", "/docs", "/redoc", "/vendor"].map((path) => [path, server]),
    ),
  },
});
