//! A database in memory, through Debian's libsqlite3: create, insert with bound values, query, read rows.

#![allow(unsafe_code)]

use std::error::Error;

use farcall::{CData, Ffi, Library, Value};

const DECLARATIONS: &str = "
    #define SQLITE_OK 0
    #define SQLITE_ROW 100
    #define SQLITE_DONE 101

    typedef struct sqlite3 sqlite3;
    typedef struct sqlite3_stmt sqlite3_stmt;
    typedef int64_t sqlite3_int64;

    int sqlite3_open(const char *filename, sqlite3 **ppDb);
    int sqlite3_close(sqlite3 *);
    const char *sqlite3_errmsg(sqlite3 *);
    int sqlite3_prepare_v2(sqlite3 *db, const char *zSql, int nByte, sqlite3_stmt **ppStmt, const char **pzTail);
    int sqlite3_bind_text(sqlite3_stmt *, int, const char *, int n, void (*)(void *));
    int sqlite3_bind_double(sqlite3_stmt *, int, double);
    int sqlite3_step(sqlite3_stmt *);
    int sqlite3_reset(sqlite3_stmt *);
    int sqlite3_finalize(sqlite3_stmt *);
    sqlite3_int64 sqlite3_column_int64(sqlite3_stmt *, int iCol);
    double sqlite3_column_double(sqlite3_stmt *, int iCol);
    const unsigned char *sqlite3_column_text(sqlite3_stmt *, int iCol);
";

struct Database {
    ffi: Ffi,
    lib: Library,
    handle: Value,
}

fn main() -> Result<(), Box<dyn Error>> {
    let db = Database::open(":memory:")?;
    db.run("CREATE TABLE planet (name TEXT, radius REAL)")?;

    let insert = db.prepare("INSERT INTO planet VALUES (?, ?)")?;
    // SQLite copies the text when its destructor is SQLITE_TRANSIENT, which is -1 as a pointer.
    let transient = db.ffi.cast("void (*)(void *)", -1)?;
    for (name, radius) in [("Mercury", 2439.7), ("Venus", 6051.8), ("Earth", 6371.0)] {
        db.call(
            "sqlite3_bind_text",
            vec![
                (&insert).into(),
                1.into(),
                name.into(),
                (-1).into(),
                (&transient).into(),
            ],
        )?;
        db.call(
            "sqlite3_bind_double",
            vec![(&insert).into(), 2.into(), radius.into()],
        )?;
        db.call("sqlite3_step", vec![(&insert).into()])?;
        db.call("sqlite3_reset", vec![(&insert).into()])?;
    }
    db.call("sqlite3_finalize", vec![insert])?;

    let row = db.lib.get("SQLITE_ROW")?;
    let query = db.prepare("SELECT rowid, name, radius FROM planet ORDER BY radius DESC")?;
    while db.call("sqlite3_step", vec![(&query).into()])? == row {
        let column = |read: &str, index: i32| db.call(read, vec![(&query).into(), index.into()]);
        let name = column("sqlite3_column_text", 1)?;
        // SAFETY: the column is text, which SQLite ends with a NUL and keeps until the next step.
        let name = String::from_utf8(unsafe { name.cdata()?.c_string() }?)?;
        println!(
            "{} {name} {} km",
            column("sqlite3_column_int64", 0)?,
            column("sqlite3_column_double", 2)?
        );
    }
    db.call("sqlite3_finalize", vec![query])?;
    db.close()
}

impl Database {
    fn open(path: &str) -> Result<Database, Box<dyn Error>> {
        let ffi = Ffi::new();
        ffi.cdef(DECLARATIONS)?;
        // SAFETY: the declarations are those of sqlite3.h.
        let lib = unsafe { ffi.dlopen("libsqlite3.so.0") }?;
        let handle = ffi.alloc("sqlite3 **", ())?;
        // SAFETY: a path, and memory for the handle.
        let code = unsafe { lib.call("sqlite3_open", (path, &handle)) }?;
        let db = Database {
            handle: handle.item(0)?,
            ffi,
            lib,
        };
        db.check(code)?;
        Ok(db)
    }

    /// A function of the library with arguments as its documentation asks.
    fn call(&self, function: &str, arguments: Vec<Value>) -> Result<Value, Box<dyn Error>> {
        // SAFETY: only called from this program, with live handles.
        Ok(unsafe { self.lib.call(function, arguments) }?)
    }

    fn prepare(&self, sql: &str) -> Result<Value, Box<dyn Error>> {
        let statement: CData = self.ffi.alloc("sqlite3_stmt **", ())?;
        let arguments = vec![
            (&self.handle).into(),
            sql.into(),
            (-1).into(),
            (&statement).into(),
            Value::None,
        ];
        let code = self.call("sqlite3_prepare_v2", arguments)?;
        self.check(code)?;
        Ok(statement.item(0)?)
    }

    fn run(&self, sql: &str) -> Result<(), Box<dyn Error>> {
        let statement = self.prepare(sql)?;
        self.call("sqlite3_step", vec![(&statement).into()])?;
        let code = self.call("sqlite3_finalize", vec![statement])?;
        self.check(code)
    }

    fn check(&self, code: Value) -> Result<(), Box<dyn Error>> {
        if code == self.lib.get("SQLITE_OK")? {
            return Ok(());
        }
        let message = self.call("sqlite3_errmsg", vec![(&self.handle).into()])?;
        // SAFETY: SQLite's messages are texts that live until the next call.
        let message = unsafe { message.cdata()?.c_string() }?;
        Err(format!("SQLite: {}", String::from_utf8_lossy(&message)).into())
    }

    fn close(self) -> Result<(), Box<dyn Error>> {
        let code = self.call("sqlite3_close", vec![(&self.handle).into()])?;
        self.check(code)
    }
}
