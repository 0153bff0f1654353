__int128 r(int a){ return (__int128)a<<64 | 5; }
