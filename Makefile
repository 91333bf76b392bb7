# Short names for the scripts. `make` alone lists them.
.PHONY: help run once test build format lint check clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: ## hub, mocks and sample traffic until Ctrl-C
	Scripts/run

once: ## about 200 exchanges, then a table
	Scripts/run --once

test: ## every test
	Scripts/test

build: ## the release binary, at .build/release/lgsp
	swift build -c release --product lgsp

format: ## repair layout
	swift format -i -r Sources Plugins Tests Benchmarks/Echo

lint: ## say what layout is wrong
	swift format lint --strict -r Sources Plugins Tests Benchmarks/Echo

check: build ## look the sample configuration over and run its routes' tests
	.build/release/lgsp check --test Config

clean: ## forget everything built, and the demo's data
	rm -rf .build Data/demo
