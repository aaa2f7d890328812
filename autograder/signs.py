"""What honest work does not do, as tables: names, words and texts, and what a sentence says of each."""

from __future__ import annotations

import builtins
import re

# Dotted names, as regular expressions: what an import, a call or a mere mention of one does.
USES = {
    r"sys\._getframe|sys\._current_frames|inspect\.(stack|currentframe|trace|get(outer|inner)frames)": "looks at the frames of its callers ({})",
    r"gc\.get_(objects|referrers|referents)": "searches the memory for objects ({})",
    r"ctypes|cffi|mmap|torch\.utils\.cpp_extension|torch\.library": "reaches below Python ({})",
    r"inspect\.(getsource|getsourcelines|getclosurevars)|linecache|dis": "reads the source of code ({})",
    r"sys\.(settrace|setprofile|addaudithook|breakpointhook)|threading\.(settrace|setprofile)|bdb|sys\.monitoring": "watches code as it runs ({})",
    r"sys\.(meta_path|path_hooks|modules|path_importer_cache)": "works on how modules are found ({})",
    r"importlib\.(import_module|util|machinery|abc|resources)|__import__|runpy|pkgutil|zipimport|imp": "imports in a roundabout way ({})",
    r"socket|socketserver|ssl|urllib|requests|http|httpx|aiohttp|ftplib|smtplib|telnetlib|paramiko|websockets?|xmlrpc|torch\.hub|torch\.distributed": "uses the network ({})",
    r"subprocess|pty|multiprocessing|torch\.multiprocessing|os\.(system|popen|fork\w*|exec\w+|spawn\w+|posix_spawn\w*|setsid|kill|killpg)|concurrent\.futures\.ProcessPoolExecutor": "starts or ends processes ({})",
    r"threading\.(Thread|Timer)|_thread\.start_new(_thread)?|concurrent\.futures\.ThreadPoolExecutor": "starts a thread ({})",
    r"atexit|signal|weakref\.finalize|faulthandler": "leaves something to be called later ({})",
    r"boundary|fcntl|select|selectors|os\.(read|write|dup2?|close|closerange|fdopen|pread|pwrite|sendfile|pipe2?)|zmq|ipykernel|jupyter_client": "works on the channels of the kernel ({})",
    r"unittest\.mock|pytest\.MonkeyPatch|forbiddenfruit": "uses a tool that replaces things ({})",
    r"marshal|pickle|cloudpickle|dill": "turns bytes into objects or code ({})",
    r"site\.get\w+|sysconfig\.get_paths?|distutils|importlib\.metadata": "asks where packages are installed ({})",
    r"(torch|builtins|numpy|course_utils(\.\w+)*)\.(__file__|__path__|__dict__|__spec__|__loader__)": "looks into an installed module ({})",
    r"builtins|__builtins__|__loader__|__spec__": "works on Python's built-in names ({})",
    r"In|_ih|_i": "reads what cells were run ({})",
    r"get_ipython\(\)\.(\w*transform\w*|ast_transformers|events|run_cell(?!_magic)\w*|run_ast_nodes|run_code|showtraceback|_showtraceback|set_custom_exc|history_manager|display_\w+|displayhook|kernel|user_\w*ns\w*|builtin_trap|compile|hooks)": "works on the machinery that runs cells ({})",
    r"IPython\.core\.(?!display|interactiveshell|pylabtools|magic)\w+|course_utils\.check\.(promise\.|words\.)?Check(Failed|Broken)": "works on the machinery that runs cells and checks ({})",
    r"sys\.(displayhook|excepthook|unraisablehook)|os\._exit": "works on how Python shows and ends things ({})",
    r"torch\.(overrides|utils\._python_dispatch|Tensor\._make_subclass|Tensor\.as_subclass)": "changes what torch does with tensors ({})",
}

# Names of these may be read by anybody; who assigns to them replaces them for everybody.
SHARED = re.compile(
    r"(torch|builtins|__builtins__|sys|os|io|math|numpy|json|time|traceback|inspect|types|abc|typing|"
    r"functools|contextlib|unittest|course_utils|safetensors|boundary|IPython|ipykernel|get_ipython\(\))\..+"
)
ANYBODYS = re.compile(
    r"torch\.backends\..+|sys\.(path|argv|stdout|stderr|dont_write_bytecode|last_\w+)|os\.environ\..+|"
    r".*\.ast_node_interactivity"
)
# Beside Python's own, the names that a notebook has without its author having bound them: IPython's,
# and what the labs' own cells import.
GIVEN = {
    name: name for name in (*dir(builtins), "__builtins__", "get_ipython", "In", "_ih", "_i")
} | {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "np": "numpy",
    "check": "course_utils.check",
}

# Whatever they are attributes of.
INSIDES = {
    r"f_(back|locals|globals|builtins|code)|tb_frame|[gc][ir]_frame|ag_frame": "looks at frames ({})",
    r"__closure__|cell_contents|__globals__|__subclasses__|__code__|__defaults__": "looks inside functions and classes ({})",
    r"input_transformers_\w+|ast_transformers|_render_traceback_|history_manager|_showtraceback|"
    r"(shell|iopub|control)_(socket|stream|thread)|do_execute|execute_request": "works on the machinery that runs cells ({})",
}

METHODS = re.compile(
    r"__(eq|ne|lt|le|gt|ge|bool|float|index|abs|sub|rsub|hash|array|array_function|array_ufunc|torch_function|"
    r"torch_dispatch|instancecheck|subclasscheck|subclasshook|del|reduce|reduce_ex|setstate|getattribute|class)__"
    r"|_render_traceback_"
)
BASES = re.compile(
    r"torch\.(Tensor|nn\.Parameter|Generator)|numpy\.ndarray|float|int|bool|str|bytes|complex|type|"
    r"BaseException|AssertionError|KeyboardInterrupt|SystemExit|GeneratorExit|.*\.Torch(Function|Dispatch)Mode|"
    r"course_utils\.check\.Check\w+|ast\.NodeTransformer"
)
RAISED = re.compile(r"KeyboardInterrupt|GeneratorExit|(.*\.)?Check(Failed|Broken)")

# Texts without a space in them, so paths and names, not prose.
TEXTS = {
    r"/proc/|/dev/(shm|mem|fd)": "names a file of the system's processes ({})",
    r"gradebook|nbgrader_config|course\.toml|(^|/)(source|submitted|autograded|feedback|solutions?|hidden_?tests?)/|tests/banks|autograder/": "names a file of the course's that is not handed out ({})",
    r"\.ipynb$|jpy_parent_pid": "names a notebook file ({})",
    r"_history$|history\.sqlite|\.ipython|\.ssh|/etc/passwd|(^|/)\.git(/|$)": "names a file with somebody's records ({})",
    r"(site|dist)-packages|/__pycache__|\.pyc$|course_utils/": "names a file of an installed package ({})",
    r"^https?://|^ftp://": "names an address in the network ({})",
    r"^(BEGIN|END)_HIDDEN": "names the marks of hidden tests ({})",
}

COMMANDS = re.compile(
    r"\s*(pip3?|python3? -m pip|conda|mamba|ls|pwd|echo|nvidia-smi|free|df|which|date|head|wc)\b[^;&|`$]*$"
)
MAGICS = re.compile(
    r"history|hist|recall|rerun|run|save|edit|macro|sx|sc|system|bash|sh|script|perl|ruby|javascript|js|html|pdb|debug"
)
WRAPPERS = ("time", "timeit", "capture", "prun")  # cell magics whose cell is Python
ENCODED = re.compile(
    r"(base64|codecs|zlib|gzip|bz2|lzma|binascii)\..+|bytes\.fromhex|bytearray\.fromhex"
)
