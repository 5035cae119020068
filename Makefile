# Everything a person or CI calls. It only delegates: what is longer than five lines lives in xtask/.

SHELL := /bin/sh
# rustup's folder, for shells that have not read its profile; what is on the path already goes first.
export PATH := $(PATH):$(HOME)/.cargo/bin
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)

.DEFAULT_GOAL := help
.PHONY: help toolchain run test check services services-stop web gen bless bench

help: ## List the targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 16

# xtask is Rust, so what Rust needs is looked for before it: rustup's cargo and a C linker.
toolchain:
	@command -v cargo >/dev/null || { echo "Rust is missing: https://rustup.rs installs it" >&2; exit 1; }
	@command -v cc >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
		&& apt-get update -q && apt-get install -q -y --no-install-recommends gcc libc6-dev; } \
		|| { echo "a C compiler is missing: install gcc or clang" >&2; exit 1; }

run: toolchain ## Build everything and start on real input: this repository's documents.
	cargo xtask setup build
	cargo xtask web
	cargo build -p fossick
	$(TARGET)/debug/fossick serve --data-dir data --try docs

test: toolchain ## Every test; installs what it needs, or says what it skips.
	cargo xtask setup test
	cargo xtask test

check: toolchain ## Format, lints, tidy.
	cargo xtask check

services: toolchain ## Start what tests talk to (PostgreSQL), on loopback, in services/.
	cargo xtask setup test
	cargo xtask services start

services-stop: toolchain ## Stop it.
	cargo xtask services stop

web: toolchain ## Build the web UI, when it has changed.
	cargo xtask setup build
	cargo xtask web

gen: toolchain ## Write the generated files again.
	cargo build -p fossick
	cargo xtask gen

bless: toolchain ## Accept what the snapshot tests found.
	cargo xtask bless

bench: toolchain ## Measure, and record with machine and commit.
	cargo xtask bench
