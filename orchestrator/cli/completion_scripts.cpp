// SPDX-License-Identifier: MIT
#include "cli/completion_scripts.hpp"

namespace konductor::cli {
namespace {

// Bash splits words at "=", too; what it replaces is what stands behind it.
constexpr std::string_view kBash = R"sh(# bash completion for konductor
_konductor() {
  local words=() word previous= current line i
  COMPREPLY=()
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ ${#words[@]} -gt 0 && ( $word == '=' || $previous == '=' ) ]]; then
      words[${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    previous=${COMP_WORDS[i]}
  done
  current=${COMP_WORDS[COMP_CWORD]}
  [[ $current == '=' ]] && current=
  local typed=${words[${#words[@]}-1]}
  local before=${typed%"$current"}
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames 2>/dev/null
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current") ;;
      :directories) compopt -o filenames 2>/dev/null
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$current") ;;
      *) word=${line%%$'\t'*}
        COMPREPLY+=("${word#"$before"}") ;;
    esac
  done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]]; then
    compopt -o nospace 2>/dev/null
  fi
}
complete -F _konductor konductor
)sh";

constexpr std::string_view kZsh = R"sh(#compdef konductor
# zsh completion for konductor
_konductor() {
  local line word
  local -a typed plain open
  typed=("${(@Q)words[2,CURRENT]}")
  typed[-1]=${(Q)PREFIX}
  for line in "${(@f)$("${words[1]}" __complete "${typed[@]}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :files) _files; return ;;
      :directories) _files -/; return ;;
      *)
        word=${line%%$'\t'*}
        if [[ $word == *[=/] ]]; then
          open+=("$word")
        elif [[ $line == *$'\t'* ]]; then
          plain+=("${word//:/\\:}:${line#*$'\t'}")
        else
          plain+=("${word//:/\\:}")
        fi
        ;;
    esac
  done
  (( ${#open} )) && compadd -S '' -- "${open[@]}"
  (( ${#plain} )) && _describe konductor plain
}
if [ "$funcstack[1]" = _konductor ]; then
  _konductor "$@"
else
  compdef _konductor konductor
fi
)sh";

constexpr std::string_view kFish = R"sh(# fish completion for konductor
function __konductor_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    for line in ($program __complete $words 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path $current
            case :directories
                __fish_complete_directories $current
            case '*'
                echo $line
        end
    end
end
complete -c konductor -f -a '(__konductor_complete)'
)sh";

}  // namespace

const std::array<CompletionScript, 3>& completion_scripts() {
  static constexpr std::array<CompletionScript, 3> kScripts = {{
      {"bash", "bash-completion/completions/konductor", kBash},
      {"zsh", "zsh/vendor-completions/_konductor", kZsh},
      {"fish", "fish/vendor_completions.d/konductor.fish", kFish},
  }};
  return kScripts;
}

}  // namespace konductor::cli
